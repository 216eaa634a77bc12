/**
 * What n8n's editor shows of a node besides its fields: the words that find it, and links to chapters of the guide that exist.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { SluiceApi } from '../../credentials/SluiceApi.credentials';
import { nodeTypes } from './support/nodeTypes';

const ROOT = join(__dirname, '../..');
const GUIDE = 'docs/n8n/README.md';

interface Codex {
  node: string;
  alias: string[];
  resources: Record<string, Array<{ url: string }>>;
}

const codexOf = (name: string): Codex =>
  JSON.parse(readFileSync(join(ROOT, 'nodes', name, `${name}.node.json`), 'utf8')) as Codex;

const linksOf = (name: string): string[] =>
  Object.values(codexOf(name).resources).flatMap((links) => links.map(({ url }) => url));

const chapters = [...readFileSync(join(ROOT, GUIDE), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
  title.toLowerCase().replace(/ /g, '-'),
);

const nodes = readdirSync(join(ROOT, 'nodes')).filter((name) => name !== 'shared');

it.each([
  ...nodes.map((name): [string, string[]] => [name, linksOf(name)]),
  ['the credential', [new SluiceApi().documentationUrl]],
])('%s links to chapters of the guide', (_name, links) => {
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) {
    const [page, chapter] = link.split('#');
    expect(page).toMatch(new RegExp(`^https://github\\.com/[\\w-]+/[\\w-]+/blob/main/${GUIDE}$`));
    expect(chapters).toContain(chapter);
  }
});

it.each(nodes)('%s has light and dark icons, and is found by "WhatsApp"', (name) => {
  const { node, alias } = codexOf(name);
  const { description } = nodeTypes.getByNameAndVersion(node);
  expect(alias).toContain('WhatsApp');
  const { light, dark } = description.icon as { light: string; dark: string };
  const pictures = [light, dark].map((icon) =>
    readFileSync(join(ROOT, 'nodes', name, icon.replace('file:', '')), 'utf8'),
  );
  expect(pictures.every((picture) => picture.startsWith('<svg'))).toBe(true);
  expect(pictures[0]).not.toBe(pictures[1]);
});
