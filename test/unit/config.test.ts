/**
 * The settings: defaults, NAME_FILE, and what each kind of mistake says. Nothing here touches the real environment.
 */
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { ConfigError, SETTINGS, loadConfig } from '../../gateway/src/config.js';

const ADMIN_KEY = 'a-strong-key-of-30-characters!';
const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
const ROOT_KEY = 'ab'.repeat(32);

const noFiles = (path: string): string => {
  throw new Error(`ENOENT: no such file, open '${path}'`);
};
const load = (env: Record<string, string | undefined>) => loadConfig(env, noFiles);

function problemsOf(env: Record<string, string>, readFile = noFiles): string[] {
  try {
    loadConfig(env, readFile);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('defaults', () => {
  it('are those of the contract', () => {
    const config = load({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 3777,
      dataDir: resolve('data'),
      adminKey: null,
      encryptionKey: null,
      publicUrl: 'http://127.0.0.1:3777',
      privateTargets: ['localhost:5678', '127.0.0.1:5678', '[::1]:5678', 'n8n:5678'],
      whatsappUrl: null,
      whatsappRootKey: null,
      whatsappSimulated: false,
      logLevel: 'info',
    });
    expect(config.databaseUrl.reveal()).toBe(`file:${resolve('data')}/sluice.db`);
  });

  it('follow the settings they are made of', () => {
    const config = load({ SLUICE_HOST: '::1', SLUICE_PORT: '80', SLUICE_DATA_DIR: '/var/lib/sluice/' });
    expect(config.publicUrl).toBe('http://[::1]:80');
    expect(config.databaseUrl.reveal()).toBe('file:/var/lib/sluice/sluice.db');
    expect(load({ SLUICE_DATA_DIR: '/' }).databaseUrl.reveal()).toBe('file:/sluice.db');
  });

  it('stand in for an empty value, as compose files give them', () => {
    expect(load({ SLUICE_PORT: '', SLUICE_ADMIN_KEY: '', OTHER: 'x' })).toMatchObject({
      port: 3777,
      adminKey: null,
    });
  });
});

describe('given values', () => {
  it('are read', () => {
    const config = load({
      SLUICE_DATABASE_URL: 'postgres://user:pw@db/sluice',
      SLUICE_ADMIN_KEY: ADMIN_KEY,
      SLUICE_ENCRYPTION_KEY: ENCRYPTION_KEY,
      SLUICE_PUBLIC_URL: 'https://wa.example.org/sluice/',
      SLUICE_PRIVATE_TARGETS: 'n8n, 10.0.0.0/8 ,fd00::/8,[::1]:80',
      SLUICE_WHATSAPP_URL: 'wss://web.whatsapp.com/ws/chat',
      SLUICE_LOG_LEVEL: 'silent',
    });
    expect(config.databaseUrl.reveal()).toBe('postgres://user:pw@db/sluice');
    expect(config.adminKey?.reveal()).toBe(ADMIN_KEY);
    expect(config.encryptionKey?.reveal()).toEqual(Buffer.alloc(32, 7));
    expect(config.publicUrl).toBe('https://wa.example.org/sluice');
    expect(config.privateTargets).toEqual(['n8n', '10.0.0.0/8', 'fd00::/8', '[::1]:80']);
    expect(config.whatsappUrl).toBe('wss://web.whatsapp.com/ws/chat');
    expect(config.logLevel).toBe('silent');
    expect(load({ SLUICE_PRIVATE_TARGETS: 'none' }).privateTargets).toEqual([]);
  });

  it('may lead to a simulated WhatsApp when that is said', () => {
    const config = load({
      SLUICE_WHATSAPP_URL: 'ws://127.0.0.1:4000/ws',
      SLUICE_WHATSAPP_ROOT_KEY: ROOT_KEY,
      SLUICE_WHATSAPP_SIMULATED: 'true',
    });
    expect(config.whatsappUrl).toBe('ws://127.0.0.1:4000/ws');
    expect(config.whatsappRootKey).toEqual(Buffer.alloc(32, 0xab));
    expect(config.whatsappSimulated).toBe(true);
  });

  it('come from NAME_FILE too, without the line end', () => {
    const files: Record<string, string> = { '/run/key': `${ADMIN_KEY}\n`, '/run/port': '80\r\n' };
    const config = loadConfig(
      { SLUICE_ADMIN_KEY_FILE: '/run/key', SLUICE_PORT_FILE: '/run/port' },
      (path) => files[path] ?? noFiles(path),
    );
    expect(config.adminKey?.reveal()).toBe(ADMIN_KEY);
    expect(config.port).toBe(80);
  });

  it('that are secret do not show when the config is printed', () => {
    const config = load({
      SLUICE_DATABASE_URL: 'postgres://user:hunter2@db/sluice',
      SLUICE_ADMIN_KEY: ADMIN_KEY,
      SLUICE_ENCRYPTION_KEY: ENCRYPTION_KEY,
    });
    for (const printed of [
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      String(config.adminKey),
    ]) {
      expect(printed).toContain('[secret]');
      expect(printed).not.toContain('hunter2');
      expect(printed).not.toContain(ADMIN_KEY);
      expect(printed).not.toContain(ENCRYPTION_KEY);
    }
  });
});

describe('mistakes', () => {
  it.each([
    ['SLUICE_PROT', 'SLUICE_PORT'],
    ['SLUICE_LOGLEVEL', 'SLUICE_LOG_LEVEL'],
    ['SLUICE_ADMINKEY_FILE', 'SLUICE_ADMIN_KEY_FILE'],
  ])('refuses the unknown name %s and suggests %s', (name, suggestion) => {
    expect(problemsOf({ [name]: 'x' })).toEqual([
      `${name} is not a setting. Did you mean ${suggestion}? Correct the name or remove it.`,
    ]);
  });

  it.each([
    ['SLUICE_HOST', 'http://here', /not a host name/],
    ['SLUICE_PORT', '65536', /not a port/],
    ['SLUICE_PORT', '-1', /not a port/],
    ['SLUICE_PORT', '3777x', /not a port/],
    ['SLUICE_DATA_DIR', 'a\0b', /NUL/],
    ['SLUICE_DATABASE_URL', 'mysql://here/db', /file:<path> or postgres:/],
    ['SLUICE_ADMIN_KEY', 'x'.repeat(23), /has 23 characters, which is too weak/],
    ['SLUICE_ADMIN_KEY', `${'x'.repeat(30)} y`, /spaces or characters outside ASCII/],
    ['SLUICE_ENCRYPTION_KEY', Buffer.alloc(31).toString('base64'), /32 bytes in base64/],
    ['SLUICE_ENCRYPTION_KEY', '!'.repeat(44), /32 bytes in base64/],
    ['SLUICE_PUBLIC_URL', 'ftp://here', /http:/],
    ['SLUICE_PUBLIC_URL', 'http://here/?a=1', /query/],
    ['SLUICE_PRIVATE_TARGETS', 'http://n8n:5678', /"http:\/\/n8n:5678"/],
    ['SLUICE_PRIVATE_TARGETS', 'n8n,,db', /the entry ""/],
    ['SLUICE_WHATSAPP_URL', 'https://web.whatsapp.com', /wss:/],
    ['SLUICE_WHATSAPP_URL', 'ws://web.whatsapp.com/ws/chat', /not an encrypted address of WhatsApp/],
    ['SLUICE_WHATSAPP_URL', 'wss://whatsapp.com.example.org/', /SLUICE_WHATSAPP_SIMULATED=true/],
    ['SLUICE_WHATSAPP_ROOT_KEY', 'ab', /64 characters/],
    ['SLUICE_WHATSAPP_ROOT_KEY', ROOT_KEY, /SLUICE_WHATSAPP_SIMULATED=true/],
    ['SLUICE_WHATSAPP_SIMULATED', 'yes', /Give true or false/],
    ['SLUICE_WHATSAPP_SIMULATED', 'true', /SLUICE_WHATSAPP_URL names no server/],
    ['SLUICE_LOG_LEVEL', 'loud', /Give one of fatal/],
  ])('refuses %s=%j', (name, text, expected) => {
    const problems = problemsOf({ [name]: text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
  });

  it('never repeats a secret', () => {
    const env = {
      SLUICE_ADMIN_KEY: 'short-secret',
      SLUICE_ENCRYPTION_KEY: 'not-a-key-but-secret',
      SLUICE_DATABASE_URL: 'mysql://user:secret@db',
    };
    const text = problemsOf(env).join('\n');
    for (const secret of Object.values(env)) expect(text).not.toContain(secret);
  });

  it('are told all at once, one line each', () => {
    const problems = problemsOf({ SLUICE_PORT: 'x', SLUICE_LOG_LEVEL: 'y', SLUICE_HSOT: 'z' });
    expect(problems).toHaveLength(3);
    expect(new ConfigError(problems).message.split('\n')).toHaveLength(4);
  });

  it('in a NAME_FILE name the file and the cause', () => {
    expect(problemsOf({ SLUICE_ADMIN_KEY_FILE: '/none' })[0]).toMatch(
      /^SLUICE_ADMIN_KEY cannot be read from the file in SLUICE_ADMIN_KEY_FILE: ENOENT/,
    );
    expect(problemsOf({ SLUICE_ADMIN_KEY_FILE: '/empty' }, () => '\n')[0]).toMatch(
      /"\/empty".* holds nothing/,
    );
  });

  it('include giving a value and its file', () => {
    expect(problemsOf({ SLUICE_PORT: '1', SLUICE_PORT_FILE: '/port' }, () => '2')).toEqual([
      'SLUICE_PORT and SLUICE_PORT_FILE are both set. Remove one of them.',
    ]);
  });
});

it('reads its own documented default of every setting that has a fixed one', () => {
  for (const { defaultText, computed, parse } of Object.values(SETTINGS)) {
    if (!computed) expect(parse(defaultText)).toBeDefined();
  }
});
