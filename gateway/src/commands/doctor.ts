/**
 * `sluice doctor`: looks at what a gateway needs, one line each, and says what to do about what is wrong.
 * Changes nothing and prints no secret.
 */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.js';
import { systemClock } from '../lib/clock.js';
import { createProgram } from '../media/program.js';
import type { Output } from './output.js';

type Level = 'ok' | 'warn' | 'fail';

interface Finding {
  level: Level;
  text: string;
}

const WHATSAPP = 'https://web.whatsapp.com/';
const TIMEOUT_MS = 10_000;
const CLOCK_TOLERANCE_MS = 30_000;
const LOW_DISK_BYTES = 1_000_000_000;
const OTHERS_MAY_READ = 0o077;

const ok = (text: string): Finding => ({ level: 'ok', text });
const warn = (text: string): Finding => ({ level: 'warn', text });
const fail = (text: string): Finding => ({ level: 'fail', text });

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
};

function checkDataDir({ dataDir }: Config): Finding {
  if (!existsSync(dataDir)) return ok(`data folder ${dataDir}: made at the first start`);
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK);
  } catch {
    return fail(`data folder ${dataDir} cannot be written. Give the gateway's user the right to.`);
  }
  const { bavail, bsize } = statfsSync(dataDir);
  if (bavail * bsize < LOW_DISK_BYTES)
    return warn(`data folder ${dataDir}: less than 1 GB is free. Make room.`);
  return ok(`data folder ${dataDir}: can be written, with room`);
}

function checkKey({ encryptionKey, dataDir }: Config): Finding {
  if (encryptionKey) return ok('encryption key: from SLUICE_ENCRYPTION_KEY');
  const file = join(dataDir, 'encryption.key');
  if (!existsSync(file)) {
    return existsSync(join(dataDir, 'sluice.db'))
      ? fail(
          `encryption key: ${file} is missing, and nothing encrypted can be read. Restore it from a backup.`,
        )
      : ok('encryption key: made at the first start');
  }
  if ((statSync(file).mode & OTHERS_MAY_READ) !== 0)
    return warn(`encryption key: others may read ${file}. Run: chmod 600 ${file}`);
  return ok(`encryption key: ${file}`);
}

async function checkDatabase({ databaseUrl }: Config): Promise<Finding> {
  const url = databaseUrl.reveal();
  if (url.startsWith('file:')) {
    const file = url.slice('file:'.length);
    if (!existsSync(file)) return ok(`database ${file}: made at the first start`);
    const { checkSqliteFile } = await import('../store/database/sqliteCheck.js');
    const problem = checkSqliteFile(file);
    return problem === null
      ? ok(`database ${file}: sound`)
      : fail(`database ${file}: ${problem}. Restore it from a backup.`);
  }
  const { pingPostgres } = await import('../store/database/postgresCheck.js');
  try {
    return ok(`database: Postgres ${await pingPostgres(url)} answers`);
  } catch (error) {
    return fail(`database: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Reaching WhatsApp, and by its clock whether ours is right: pairing and media need a right one. */
async function checkNetwork({ whatsappSimulated, whatsappUrl }: Config): Promise<Finding[]> {
  const address = whatsappSimulated ? (whatsappUrl ?? '').replace(/^ws/, 'http') : WHATSAPP;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' });
    const reached = ok(`WhatsApp${whatsappSimulated ? ' (simulated)' : ''}: reached`);
    const told = answer.headers.get('date');
    const offMs = told === null ? 0 : Math.abs(Date.parse(told) - Date.now());
    if (offMs <= CLOCK_TOLERANCE_MS) return [reached, ok('clock: right')];
    const off = `${String(Math.round(offMs / 1000))} s`;
    return [reached, fail(`clock: wrong by ${off}. Turn on time synchronisation (NTP) on this machine.`)];
  } catch (error) {
    const advice = 'Check DNS, the firewall (port 443 outwards) and proxies.';
    return [fail(`WhatsApp: not reached (${reasonOf(error)}). ${advice}`)];
  }
}

async function checkFfmpeg(): Promise<Finding> {
  if (await createProgram(systemClock).isThere('ffmpeg')) return ok('ffmpeg: found');
  return warn(
    'ffmpeg: not found. Voice notes and GIFs are not converted without it, and videos have no thumbnail; install it with your package manager.',
  );
}

function checkExposure({ host, publicUrl }: Config): Finding {
  const isLocal = /^(127\.|localhost$|::1$)/.test(host);
  if (isLocal || publicUrl.startsWith('https://'))
    return ok(`listens at ${host}, known to others as ${publicUrl}`);
  return warn(
    `listens at ${host} without TLS: API keys travel in the clear. Put a reverse proxy with TLS in front and set SLUICE_PUBLIC_URL.`,
  );
}

const MARKS: Record<Level, string> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };

/** Prints every finding; answers whether a gateway can run. The settings have been checked by whoever loaded them. */
export async function examine(config: Config, { print }: Output): Promise<boolean> {
  const findings = [
    ok('settings: valid'),
    checkDataDir(config),
    checkKey(config),
    await checkDatabase(config),
    ...(await checkNetwork(config)),
    checkExposure(config),
    await checkFfmpeg(),
  ];
  for (const { level, text } of findings) print(`${MARKS[level]}  ${text}`);
  const failed = findings.filter(({ level }) => level === 'fail').length;
  print(failed === 0 ? 'The gateway can run.' : `${String(failed)} to be mended before the gateway can run.`);
  return failed === 0;
}
