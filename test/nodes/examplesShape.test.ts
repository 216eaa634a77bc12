/**
 * The workflows of examples/: whole, explained, and with fields and values that our nodes have.
 */
import type { IDataObject, INode, INodeProperties } from 'n8n-workflow';

import { files, read } from './support/examples';
import { nodeTypes } from './support/nodeTypes';

describe.each(files)('%s', (file) => {
  const { nodes, connections } = read(file);

  it('has connections between nodes that exist, and an explanation', () => {
    const names = new Set(nodes.map(({ name }) => name));
    const targets = Object.values(connections).flatMap((byType) =>
      Object.values(byType)
        .flat(2)
        .map((link) => link?.node),
    );
    for (const name of [...Object.keys(connections), ...targets]) expect(names).toContain(name);
    expect(nodes.some(({ type }) => type === 'n8n-nodes-base.stickyNote')).toBe(true);
  });

  it('uses only fields and values that our nodes have', () => {
    for (const own of nodes.filter(({ type }) => type.startsWith('n8n-nodes-sluice.')))
      expect(unknownFields(own)).toEqual([]);
  });
});

function unknownFields(own: INode): string[] {
  const { properties } = nodeTypes.getByNameAndVersion(own.type).description;
  const shown = ({ displayOptions }: INodeProperties): boolean =>
    ['resource', 'operation'].every((name) => {
      const allowed = displayOptions?.show?.[name] as unknown[] | undefined;
      return allowed === undefined || allowed.includes(own.parameters[name]);
    });
  const fields = properties.filter(shown);
  const has = (name: string, among: INodeProperties[]): boolean => among.some((field) => field.name === name);
  const top = Object.keys(own.parameters).filter((name) => !has(name, fields));
  const inCollections = ['options', 'filters'].flatMap((name) => {
    const collection = fields.find((field) => field.name === name);
    return Object.keys((own.parameters[name] ?? {}) as IDataObject).filter(
      (key) => !has(key, (collection?.options ?? []) as INodeProperties[]),
    );
  });
  return [...top, ...inCollections];
}
