/**
 * Copies what TypeScript does not compile, HTML and CSS, beside the compiled pages. Run by `npm run build:gateway`.
 */
import { cpSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ASSETS = new Set(['', '.html', '.css', '.svg']);
const from = fileURLToPath(new URL('.', import.meta.url));
const to = fileURLToPath(new URL('../dist/web/', import.meta.url));

cpSync(from, to, { recursive: true, filter: (path) => ASSETS.has(extname(path)) });
