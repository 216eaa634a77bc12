#!/usr/bin/env node
/**
 * The process edge: environment, signals, standard streams and the exit code. The only reader of process.env.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { runCommand } from './cli.js';
import { needsSharedContext, shareAsyncContext } from './lib/asyncContext.js';
import { muteConsole } from './lib/muteConsole.js';
import { installFastCurve } from './whatsapp/fastCurve.js';
import { installFastMac } from './whatsapp/fastMac.js';

muteConsole();
if (needsSharedContext(process.versions.node)) shareAsyncContext(AsyncLocalStorage);
installFastCurve();
installFastMac();

const untilStopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});

process.exitCode = await runCommand({
  argv: process.argv,
  env: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
  isInteractive: process.stdout.isTTY,
  untilStopped,
});
// Sockets that a stopped part has left open must not keep the process alive.
process.exit();
