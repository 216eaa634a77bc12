/**
 * Every setting once: name, type, default, meaning and how its text is read. `loadConfig` makes the typed Config that
 * gateway.ts gets; docs/reference/settings.md is generated from the same table (see docs.ts).
 * Must not read the environment or files by itself: main.ts hands both in.
 */
import { KEEPING_SETTINGS } from './config/keeping.js';
import { ConfigError, readSetting, unknownNames } from './config/reading.js';
import type { Environment, ReadFile, Setting, Sources } from './config/reading.js';
import * as values from './config/values.js';
import { LOG_LEVELS, isWhatsAppsOwn, secretOf } from './config/values.js';
import type { LogLevel, Secret } from './config/values.js';

export { ConfigError };
export type { LogLevel, ReadFile, Secret };

/** Keeps the type of each setting's value. */
const setting = <T>(spec: Setting<T>): Setting<T> => spec;

/** The table; docs.ts writes it into docs/reference/settings.md. */
export const SETTINGS = {
  host: setting({
    name: 'SLUICE_HOST',
    type: 'host name or IP address',
    defaultText: '127.0.0.1',
    meaning: 'where the API and the dashboard listen; `0.0.0.0` for every network interface',
    parse: values.parseHost,
  }),
  port: setting({
    name: 'SLUICE_PORT',
    type: 'port, 0-65535',
    defaultText: '3777',
    meaning: 'the port they listen on; 0 takes any free one',
    parse: values.parsePort,
  }),
  dataDir: setting({
    name: 'SLUICE_DATA_DIR',
    type: 'path of a folder',
    defaultText: './data',
    meaning:
      'media files and the embedded database; made when it does not exist; gateways that share a Postgres need one in common',
    parse: values.parsePath,
  }),
  databaseUrl: setting({
    name: 'SLUICE_DATABASE_URL',
    type: '`file:` or `postgres://` URL',
    defaultText: 'file:<data dir>/sluice.db',
    computed: true,
    secret: true,
    meaning: 'the database; with `postgres://...` any number of gateway processes share it',
    parse: values.parseDatabaseUrl,
  }),
  adminKey: setting({
    name: 'SLUICE_ADMIN_KEY',
    type: 'text, at least 24 characters',
    defaultText: 'made on the first start and printed once',
    computed: true,
    secret: true,
    meaning: 'an API key with the role `admin` that always works',
    parse: values.parseStrongKey,
  }),
  encryptionKey: setting({
    name: 'SLUICE_ENCRYPTION_KEY',
    type: '32 bytes in base64',
    defaultText: 'made on the first start, in the data dir, mode 0600',
    computed: true,
    secret: true,
    meaning:
      'WhatsApp credentials and webhook secrets are encrypted with it; without it they cannot be read again',
    parse: values.parseBase64Key,
  }),
  publicUrl: setting({
    name: 'SLUICE_PUBLIC_URL',
    type: 'http or https URL',
    defaultText: 'http://HOST:PORT',
    computed: true,
    meaning: 'what the media URLs in events begin with: the address at which others reach this gateway',
    parse: values.parseHttpUrl,
  }),
  privateTargets: setting({
    name: 'SLUICE_PRIVATE_TARGETS',
    type: 'comma-separated hosts, `host:port` or CIDRs, or `none`',
    defaultText: 'localhost:5678,127.0.0.1:5678,[::1]:5678,n8n:5678',
    meaning:
      "private addresses that webhooks and media links may reach (n8n's own defaults); everything else private is refused. It replaces the default list",
    parse: values.parseTargets,
  }),
  whatsappUrl: setting({
    name: 'SLUICE_WHATSAPP_URL',
    type: 'wss or ws URL',
    defaultText: "WhatsApp's",
    computed: true,
    meaning:
      'WebSocket URL of the WhatsApp server; `ws://` or another host only together with `SLUICE_WHATSAPP_SIMULATED=true`',
    parse: values.parseWebSocketUrl,
  }),
  whatsappRootKey: setting({
    name: 'SLUICE_WHATSAPP_ROOT_KEY',
    type: '32 bytes in hex',
    defaultText: "WhatsApp's",
    computed: true,
    meaning:
      'the public key that signs the certificates of that server (Noise root key); only together with `SLUICE_WHATSAPP_SIMULATED=true`',
    parse: values.parseHexKey,
  }),
  whatsappSimulated: setting({
    name: 'SLUICE_WHATSAPP_SIMULATED',
    type: '`true` or `false`',
    defaultText: 'false',
    meaning:
      'says that the server at `SLUICE_WHATSAPP_URL` is a simulation, so that nobody connects to one by mistake',
    parse: values.parseSwitch,
  }),
  ...KEEPING_SETTINGS,
  logLevel: setting({
    name: 'SLUICE_LOG_LEVEL',
    type: LOG_LEVELS.map((level) => `\`${level}\``).join(', '),
    defaultText: 'info',
    meaning: 'how much is logged; phone numbers, texts, keys and QR codes are redacted at every level',
    parse: values.parseLogLevel,
  }),
};

/** What the program runs with. Null: not given, and the gateway makes it or uses WhatsApp's own. */
export interface Config {
  host: string;
  port: number;
  dataDir: string;
  /** A secret, because a Postgres URL holds a password. */
  databaseUrl: Secret<string>;
  adminKey: Secret<string> | null;
  encryptionKey: Secret<Buffer> | null;
  /** Without a slash at its end. */
  publicUrl: string;
  privateTargets: string[];
  whatsappUrl: string | null;
  whatsappRootKey: Buffer | null;
  whatsappSimulated: boolean;
  /** How long an event waits for its file at most. */
  mediaWaitSeconds: number;
  /** Received files that are larger are not downloaded. */
  mediaMaxMb: number;
  /** 0: for ever, as in all four. */
  keepMediaDays: number;
  keepEventsDays: number;
  keepDeliveriesDays: number;
  keepMessagesDays: number;
  logLevel: LogLevel;
}

/** A server other than WhatsApp's own would be given a real number's credentials, so it must be asked for by name. */
function simulationProblems({ whatsappUrl, whatsappRootKey, whatsappSimulated }: WhatsAppSettings): string[] {
  const simulated = SETTINGS.whatsappSimulated.name;
  const url = SETTINGS.whatsappUrl.name;
  if (whatsappSimulated)
    return whatsappUrl ? [] : [`${simulated} is true, but ${url} names no server. Set it.`];
  const advice = `Remove it, or set ${simulated}=true if that server is a simulation.`;
  const problems: string[] = [];
  if (whatsappUrl !== null && !isWhatsAppsOwn(whatsappUrl)) {
    problems.push(`${url} is "${whatsappUrl}", which is not an encrypted address of WhatsApp. ${advice}`);
  }
  if (whatsappRootKey !== null)
    problems.push(`${SETTINGS.whatsappRootKey.name} replaces WhatsApp's own key. ${advice}`);
  return problems;
}

type WhatsAppSettings = Pick<Config, 'whatsappUrl' | 'whatsappRootKey' | 'whatsappSimulated'>;

/** Host and port as they stand in a URL; an IPv6 address gets its brackets. */
const hostAndPort = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * Reads all settings.
 * @throws ConfigError with every problem at once; it never repeats a secret
 */
export function loadConfig(env: Environment, readFile: ReadFile): Config {
  const sources: Sources = { env, readFile, problems: unknownNames(env, Object.values(SETTINGS)) };
  const { problems } = sources;
  const given = Object.fromEntries(
    Object.entries(SETTINGS).map(([key, entry]) => [key, readSetting(sources, entry as Setting<unknown>)]),
  ) as { [Key in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Key]['parse']> | null };
  const { whatsappUrl, whatsappRootKey } = given;
  const whatsappSimulated = given.whatsappSimulated ?? false;
  if (given.whatsappSimulated !== null) {
    problems.push(...simulationProblems({ whatsappUrl, whatsappRootKey, whatsappSimulated }));
  }
  const { host, port, dataDir, privateTargets, logLevel } = given;
  // A null among those with a default is one that did not parse: it is among the problems.
  if (
    problems.length > 0 ||
    host === null ||
    port === null ||
    dataDir === null ||
    !privateTargets ||
    !logLevel
  ) {
    throw new ConfigError(problems);
  }
  return {
    host,
    port,
    dataDir,
    databaseUrl: given.databaseUrl ?? secretOf(`file:${dataDir.replace(/\/+$/, '')}/sluice.db`),
    adminKey: given.adminKey,
    encryptionKey: given.encryptionKey,
    publicUrl: given.publicUrl ?? `http://${hostAndPort(host, port)}`,
    privateTargets,
    whatsappUrl,
    whatsappRootKey,
    whatsappSimulated,
    ...keepingOf(given, problems),
    logLevel,
  };
}

type Keeping = { [Key in keyof typeof KEEPING_SETTINGS]: number };

/** @throws ConfigError never in fact: all of them have a default, and one that did not parse is among the problems */
function keepingOf(given: { [Key in keyof Keeping]: number | null }, problems: string[]): Keeping {
  const names = Object.keys(KEEPING_SETTINGS) as (keyof Keeping)[];
  const entries = names.map((name) => [name, given[name] ?? never(problems)]);
  return Object.fromEntries(entries) as Keeping;
}

function never(problems: string[]): never {
  throw new ConfigError(problems);
}
