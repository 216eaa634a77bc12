/**
 * Prepares the process for n8n's engine: a folder of its own, no files of the user's, no proxy in between.
 * Imported first by engine.ts, before n8n-core reads the environment.
 */
import 'reflect-metadata';

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'sluice-n8n-'));
process.env.N8N_ENCRYPTION_KEY = 'only-for-tests';
process.env.N8N_LOG_LEVEL = 'silent';
for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY', 'all_proxy']) {
  Reflect.deleteProperty(process.env, name);
}
