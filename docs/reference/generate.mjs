/**
 * Writes the pages of this folder from the built gateway: npm run build:gateway && node docs/reference/generate.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { referencePages } from '../../gateway/dist/docs.js';

const { version } = JSON.parse(readFileSync(new URL('../../gateway/package.json', import.meta.url), 'utf8'));

for (const [name, content] of Object.entries(referencePages(version))) {
  writeFileSync(new URL(name, import.meta.url), content);
}
