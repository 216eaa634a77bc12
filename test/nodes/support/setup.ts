/**
 * Prepares the process for n8n's engine: a folder of its own, no files of the user's, no proxy in between.
 * Imported first by engine.ts, before n8n-core reads the environment.
 */
import 'reflect-metadata';

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'sluice-n8n-'));
process.env.N8N_USER_FOLDER = folder;
process.env.N8N_ENCRYPTION_KEY = 'only-for-tests';
process.env.N8N_LOG_LEVEL = 'silent';
for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY', 'all_proxy']) {
  Reflect.deleteProperty(process.env, name);
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
