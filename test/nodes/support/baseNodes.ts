/**
 * Stand-ins for n8n's own nodes in the tests of examples/ (the real ones are 30 times the size of this package).
 * Set gives its assignments, If evaluates its conditions by n8n's own filter; all others give what their
 * fields say, expressions resolved.
 */
import {
  NodeConnectionTypes,
  type AssignmentCollectionValue,
  type IDataObject,
  type IExecuteFunctions,
  type INode,
  type INodeExecutionData,
  type INodeProperties,
  type INodeType,
} from 'n8n-workflow';

import { nodeTypes } from './nodeTypes';

type Execute = (
  context: IExecuteFunctions,
  item: INodeExecutionData,
  itemIndex: number,
) => INodeExecutionData[][];

const paired = (json: IDataObject, item: number): INodeExecutionData => ({ json, pairedItem: { item } });

const set: Execute = (context, _item, itemIndex) => {
  const { assignments } = context.getNodeParameter('assignments', itemIndex) as AssignmentCollectionValue;
  return [[paired(Object.fromEntries(assignments.map(({ name, value }) => [name, value])), itemIndex)]];
};

const branch: Execute = (context, item, itemIndex) => {
  const fits = context.getNodeParameter('conditions', itemIndex, false, { extractValue: true }) as boolean;
  const output = [paired(item.json, itemIndex)];
  return fits ? [output, []] : [[], output];
};

const showFields: Execute = (context, item, itemIndex) => {
  const fields = Object.keys(context.getNode().parameters).map((name) => [
    name,
    context.getNodeParameter(name, itemIndex),
  ]);
  return [[paired({ ...item.json, ...(Object.fromEntries(fields) as IDataObject) }, itemIndex)]];
};

const LOGIC: Record<string, { execute: Execute; outputs: number; properties: INodeProperties[] }> = {
  'n8n-nodes-base.set': {
    execute: set,
    outputs: 1,
    properties: [{ displayName: 'Fields', name: 'assignments', type: 'assignmentCollection', default: {} }],
  },
  'n8n-nodes-base.if': {
    execute: branch,
    outputs: 2,
    properties: [{ displayName: 'Conditions', name: 'conditions', type: 'filter', default: {} }],
  },
};

/** n8n drops fields that a type does not have, so the stand-in has those that its nodes use. */
function fieldsOf(nodes: INode[]): INodeProperties[] {
  const names = new Set(nodes.flatMap(({ parameters }) => Object.keys(parameters)));
  return [...names].map((name) => ({ displayName: name, name, type: 'string', default: '' }));
}

function standIn(name: string, nodes: INode[]): INodeType {
  const logic = LOGIC[name];
  const { execute, outputs, properties } = logic ?? {
    execute: showFields,
    outputs: 1,
    properties: fieldsOf(nodes),
  };
  return {
    description: {
      displayName: name,
      name,
      group: ['transform'],
      version: [1, 1.1, 1.2, 1.3, 2, 2.1, 2.2, 3.4, 4.5],
      description: 'Only for tests',
      defaults: { name },
      inputs: /[tT]rigger$|webhook$/.test(name) ? [] : [NodeConnectionTypes.Main],
      outputs: Array.from({ length: outputs }, () => NodeConnectionTypes.Main),
      properties,
    },
    async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
      const merged: INodeExecutionData[][] = Array.from({ length: outputs }, () => []);
      this.getInputData().forEach((item, itemIndex) => {
        execute(this, item, itemIndex).forEach((items, output) => merged[output]?.push(...items));
      });
      return await Promise.resolve(merged);
    },
  };
}

/** Makes stand-ins for the types of all nodes that are not ours. */
export function registerBaseNodes(nodes: INode[]): void {
  for (const type of new Set(nodes.map((own) => own.type))) {
    if (type.startsWith('n8n-nodes-sluice.')) continue;
    nodeTypes.register(
      type,
      standIn(
        type,
        nodes.filter((own) => own.type === type),
      ),
    );
  }
}
