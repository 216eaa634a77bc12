/**
 * Each field of each kind of message, wrong: of the wrong type, empty, too long, out of its range, naming what does not
 * exist. Each is refused with a sentence that names the field, and nothing is left of it. The fields are compared with
 * the API's own description: a new one without a row here fails.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { useWorld, type MessageJson } from '../support/world.js';
import { kindsOf, type Bad } from './support/badMessages.js';
import { fieldsOf, rowsOf, spoil, validBody } from './support/spoilt.js';

const world = useWorld();
const BOB = '4915550012002';
let dataDir: string;
let gateway: GatewayProcess;
/** A test key: everything is checked as ever, and no phone has to be linked. */
let key: string;
let target: string;

beforeAll(async () => {
  dataDir = world.newDataDir();
  gateway = await world.start({ dataDir });
  ({ key } = await gateway.ask<{ key: string }>('POST', '/v1/keys', {
    name: 't',
    role: 'admin',
    mode: 'test',
  }));
  await gateway.ask('POST', '/v1/sessions', { id: 'table', start: false, policy: { preset: 'unpaced' } });
  const sent = await gateway.ask<MessageJson>(
    'POST',
    '/v1/messages?wait=sent&timeoutSeconds=20',
    { sessionId: 'table', to: BOB, text: 'x' },
    { key },
  );
  target = sent.id;
});

interface Problem {
  status: number;
  code: string;
  detail: string;
  errors?: { path: string; message: string }[];
}

const post = <T = Problem>(body: unknown) => gateway.call<T>('POST', '/v1/messages', body, { key });
const countMessages = async (): Promise<number> =>
  (await gateway.ask<{ data: unknown[] }>('GET', '/v1/messages?limit=200')).data.length;
const mediaFiles = (): string[] => readdirSync(join(dataDir, 'media'), { recursive: true }).map(String);

interface Case {
  name: string;
  path: string;
  row: Bad;
}

const casesOf = (name: string): Case[] =>
  Object.entries(rowsOf(kindsOf(target)[name] as never)).flatMap(([path, rows]) =>
    rows.map((row) => ({ name, path, row })),
  );

/** Null says nothing, so it is like a field that is left out: right where it may be, and else refused. */
const isNull = ({ row }: Case): boolean => row.value === null;

/** What is wrong with the refusal; null: nothing. */
function fault({ path, row }: Case, status: number, problem: Problem): string | null {
  const told = JSON.stringify(problem);
  const expected = row.code ?? 'invalid_request';
  if (status < 400 || status >= 500 || problem.code !== expected) return `${String(status)} ${told}`;
  if (row.code !== undefined) return problem.detail === '' ? 'no sentence' : null;
  const dotted = path.replaceAll('[]', '.0');
  const [first] = problem.errors ?? [];
  if (first?.path !== dotted && first?.path.startsWith(`${dotted}.`) !== true) return `elsewhere: ${told}`;
  if (!problem.detail.startsWith(`${first.path}: `)) return `does not name the field: ${told}`;
  // A sentence for a person, not the words of a parser.
  if (!/^(must|is|needs|cannot) /.test(first.message)) return `unclear: ${first.message}`;
  return /undefined|expected|received|Invalid/.test(first.message) ? `unclear: ${first.message}` : null;
}

async function faultOf(one: Case): Promise<string | null> {
  const kind = kindsOf(target)[one.name] as never;
  const { status, body } = await post(spoil(validBody(one.name, kind), one.path, one.row.value));
  const found = fault(one, status, body);
  return found === null ? null : `${one.path}, ${one.row.what}: ${found}`;
}

test('every kind and every field that the API describes has its rows, and there are no others', async () => {
  const { components } = await gateway.ask<{ components: { schemas: Record<string, object> } }>(
    'GET',
    '/openapi.json',
  );
  const { schemas } = components;
  const choices = (schemas.NewMessage as { oneOf: { $ref: string }[] }).oneOf;
  const described = Object.fromEntries(
    choices.map(({ $ref }) => {
      const schema = schemas[$ref.split('/').at(-1) ?? ''] as { properties: { type: { const: string } } };
      return [schema.properties.type.const, fieldsOf(schema).sort()];
    }),
  );
  const listed = Object.entries(kindsOf(target)).map(([name, kind]) => [
    name,
    Object.keys(rowsOf(kind)).sort(),
  ]);
  expect(Object.fromEntries(listed)).toEqual(described);
  const poor = Object.entries(kindsOf(target)).flatMap(([name, kind]) =>
    Object.entries(rowsOf(kind)).filter(([, rows]) => rows.length < 3 && name !== ''),
  );
  expect(poor).toEqual([]);
});

const NAMES = Object.keys(kindsOf(''));

test.each(NAMES)('%s: right, it is accepted', async (name) => {
  const { status, body } = await post({ ...validBody(name, kindsOf(target)[name] as never), dryRun: true });
  expect([status, body]).toEqual([200, expect.objectContaining({ test: true })]);
});

test.each(NAMES)('%s: each field that is wrong is refused by its name, and nothing is left', async (name) => {
  const [messages, files] = [await countMessages(), mediaFiles().sort()];
  const faults: (string | null)[] = [];
  for (const one of casesOf(name).filter((given) => !isNull(given))) faults.push(await faultOf(one));
  expect(faults.filter((found) => found !== null)).toEqual([]);
  expect(await countMessages()).toBe(messages);
  expect(mediaFiles().sort()).toEqual(files);
});

test.each(NAMES)('%s: null is like a field that is left out', async (name) => {
  const right = { ...validBody(name, kindsOf(target)[name] as never), dryRun: true };
  for (const { path } of casesOf(name).filter((given) => isNull(given) && given.path !== 'dryRun')) {
    const [given, leftOut] = [
      await post(spoil(right, path, null)),
      await post(spoil(right, path, undefined)),
    ];
    expect([path, given.status]).toEqual([path, leftOut.status]);
    // An entry of a list is there, whatever it is: JSON writes what is left out of it as null.
    if (!path.endsWith('[]')) expect(given.body.errors).toEqual(leftOut.body.errors);
  }
});

test.each(NAMES)(
  '%s: a field that does not exist, wherever it stands, and one that is missing',
  async (name) => {
    const messages = await countMessages();
    const right = validBody(name, kindsOf(target)[name] as never);
    const inner = name === 'contacts' ? 'contacts[].colour' : `${name}.colour`;
    for (const path of ['colour', inner]) {
      const { status, body } = await post(spoil(right, path, 'red'));
      const at = path.replaceAll('[]', '.0');
      expect([status, body.errors?.[0]?.path, body.detail]).toEqual([
        400,
        at,
        expect.stringContaining(`${at}: is not a field`),
      ]);
    }
    for (const path of ['to', name]) {
      const { status, body } = await post({ ...right, [path]: undefined });
      expect([status, body.errors?.[0]]).toEqual([400, { path, message: 'is required' }]);
    }
    expect(await countMessages()).toBe(messages);
  },
);

test('an end before the start is refused', async () => {
  const { status, body } = await post({
    ...validBody('text', kindsOf(target).text as never),
    sendAt: '2030-01-02T00:00:00Z',
    expiresAt: '2030-01-01T00:00:00Z',
  });
  expect([status, body.errors]).toEqual([400, [{ path: 'expiresAt', message: 'must be later than sendAt' }]]);
});

const HTML = Buffer.from('<html><script>alert(1)</script></html>').toString('base64');
const PDF = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64');
const EXE = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]).toString('base64');
const PNG_HEAD = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).toString('base64');

test.each([
  ['image', 'image/png', HTML],
  ['image', 'image/jpeg', PDF],
  ['video', 'video/mp4', PDF],
  ['video', 'video/mp4', EXE],
  ['audio', 'audio/ogg', HTML],
  ['sticker', 'image/webp', EXE],
  ['sticker', 'image/png', PNG_HEAD],
])('%s that says it is %s and is not: refused, and no file is left', async (type, mimeType, data) => {
  const [messages, files] = [await countMessages(), mediaFiles().sort()];
  const body = { sessionId: 'table', to: BOB, type, [type]: { data, mimeType } };
  const answer = await post(body);
  expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media']);
  expect(answer.body.detail).toMatch(/cannot be sent as|cannot be|no image/);
  expect(await countMessages()).toBe(messages);
  expect(mediaFiles().sort()).toEqual(files);
});
