/**
 * The "Docs" links in n8n's editor: each leads to a chapter of the guide that exists.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { SluiceApi } from '../../credentials/SluiceApi.credentials';

const ROOT = join(__dirname, '../..');
const GUIDE = 'docs/n8n/README.md';

interface Codex {
  resources: Record<string, Array<{ url: string }>>;
}

const linksOf = (name: string): string[] => {
  const codex = JSON.parse(readFileSync(join(ROOT, 'nodes', name, `${name}.node.json`), 'utf8')) as Codex;
  return Object.values(codex.resources).flatMap((links) => links.map(({ url }) => url));
};

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
