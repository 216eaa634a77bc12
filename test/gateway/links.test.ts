/**
 * Media links that never end, redirect for ever, send gigabytes or lie about it: each gets a clear error in time, nothing
 * is stuck, others go on meanwhile, the disk is as it was and memory stays bounded. With the real client.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { pair, useWorld, type MessageJson } from '../support/world.js';
import { startBadLinks, type BadLinks } from './support/badLinks.js';

const world = useWorld();
const PHONE = '4915550016001';
const BOB = '4915550016002';
const MB = 1024 * 1024;
/** Between two looks at the memory. */
const SAMPLE_MS = 50;
let gateway: GatewayProcess;
let links: BadLinks;
let dataDir: string;

beforeAll(async () => {
  links = await startBadLinks();
  dataDir = world.newDataDir();
  gateway = await world.start({
    dataDir,
    program: fileURLToPath(new URL('support/quickGateway.mjs', import.meta.url)),
  });
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'links', number: PHONE });
});
afterAll(() => links.close());

interface Problem {
  code: string;
  detail: string;
}

const post = <T = Problem>(body: object, query = '', headers: Record<string, string> = {}) =>
  gateway.call<T>('POST', `/v1/messages${query}`, { sessionId: 'links', to: BOB, ...body }, { headers });
const postLink = (path: string, type = 'document') => post({ type, [type]: { link: links.url(path) } });
const mediaFiles = (): string[] => {
  try {
    return readdirSync(join(dataDir, 'media'));
  } catch {
    return [];
  }
};
const stored = async (): Promise<string[]> =>
  (await gateway.ask<{ data: { id: string }[] }>('GET', '/v1/messages?limit=200')).data.map(({ id }) => id);

async function residentBytes(): Promise<number> {
  const metrics = await gateway.ask<string>('GET', '/metrics');
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]);
}

/** Nothing of it is left: no message, no file, no connection. */
async function expectNothingLeft(before: { messages: string[]; files: string[] }): Promise<void> {
  expect(await stored()).toEqual(before.messages);
  expect(mediaFiles()).toEqual(before.files);
  await eventually('the connections to close', () => links.open() === 0);
}
const state = async () => ({ messages: await stored(), files: mediaFiles() });

test.each([
  ['that never answers', '/hang', 'media_unreachable', /took longer than \d+ seconds/],
  ['whose head never ends', '/endless-head', 'media_unreachable', /took longer than \d+ seconds/],
  ['that drips for ever', '/drip', 'media_unreachable', /took longer than \d+ seconds/],
  ['that redirects to itself', '/loop', 'media_unreachable', /redirects more than 5 times/],
  ['that redirects to and fro', '/pingpong', 'media_unreachable', /redirects more than 5 times/],
  ['that says it has 2 GB', '/two-gigabytes', 'media_too_large', /larger than 100 MB/],
  // As pictures, whose limit is reached well within the time that this gateway gives a link.
  ['that sends without end or length', '/without-end', 'media_too_large', /larger than 16 MB/, 'image'],
  ['that unpacks to 200 MB', '/bomb', 'media_too_large', /larger than 16 MB/, 'image'],
  ['that breaks off before its length', '/says-more', 'media_unreachable', /connection failed/],
  ['that is no web server', '/no-http', 'media_unreachable', /connection failed/],
  ['that does not exist', '/nothing', 'media_unreachable', /answers 404/],
])(
  'a link %s gets a clear error and leaves nothing',
  async (_what, path, code, sentence, kind = 'document') => {
    const before = await state();
    const answer = await postLink(path, kind);
    expect([answer.status, answer.body.code]).toEqual([code === 'media_too_large' ? 413 : 422, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body.detail).toMatch(sentence);
    // The address is the sender's business; it is not repeated.
    expect(answer.body.detail).not.toContain('127.0.0.1');
    await expectNothingLeft(before);
  },
);

test('a length that is announced too small cuts the file there, and the rest is never read', async () => {
  const before = await state();
  const answer = await postLink('/says-less', 'image');
  expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media']);
  await expectNothingLeft(before);
});

test('of a file without end no more is taken than a kind may have', async () => {
  const before = links.written('/without-end');
  expect((await postLink('/without-end', 'image')).body.code).toBe('media_too_large');
  await eventually('the connection to close', () => links.open() === 0);
  // Beyond the limit lies only what was on its way already.
  expect(links.written('/without-end') - before).toBeLessThan(32 * MB);
});

test('eight links without end at once: memory stays bounded', async () => {
  const before = await state();
  const at = await residentBytes();
  let most = at;
  const sampling = { over: false };
  const watch = (async () => {
    while (!sampling.over) {
      most = Math.max(most, await residentBytes());
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
  })();
  const answers = await Promise.all(Array.from({ length: 8 }, () => postLink('/without-end', 'image')));
  sampling.over = true;
  await watch;
  expect(answers.map(({ body }) => body.code)).toEqual(Array<string>(8).fill('media_too_large'));
  // Eight times 16 MB went through; in memory at any time are some buffers of each.
  expect(most - at).toBeLessThan(96 * MB);
  await expectNothingLeft(before);
});

test('while twelve links drip, others are answered and sent, and a batch loses only its bad one', async () => {
  let dripping = 12;
  const drips = Array.from({ length: 12 }, async () => {
    const answer = await postLink('/drip');
    dripping -= 1;
    return answer;
  });
  await eventually('all of them to be asked for', () => links.open() >= 12);
  const sent = await post<MessageJson>({ text: 'meanwhile' }, '?wait=sent&timeoutSeconds=20');
  expect(sent.status).toBe(200);
  expect(dripping).toBe(12);
  const answers = await Promise.all(drips);
  expect(answers.map(({ body }) => body.code)).toEqual(Array<string>(12).fill('media_unreachable'));
  const batch = await gateway.ask<{ accepted: number; rejected: { index: number; code: string }[] }>(
    'POST',
    '/v1/messages/batch',
    {
      sessionId: 'links',
      defaults: { to: BOB },
      messages: [
        { text: 'first' },
        { type: 'image', image: { link: links.url('/drip') } },
        { type: 'image', image: { link: links.url('/loop') } },
        { text: 'last' },
      ],
    },
  );
  expect([batch.accepted, batch.rejected.map(({ index, code }) => [index, code])]).toEqual([
    2,
    [
      [1, 'media_unreachable'],
      [2, 'media_unreachable'],
    ],
  ]);
  await world.phone().messages.waitFor({ to: BOB, text: 'last' });
  await eventually('the connections to close', () => links.open() === 0);
  expect(mediaFiles()).toEqual([]);
});

test('the same key and body again ask for no file, and give the same message when the link has died', async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(asked === 1 ? 200 : 410).end('a,b\n1,2\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const link = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/t.csv`;
  const body = { type: 'document', document: { link }, sendAt: '2040-01-01T00:00:00Z' };
  const first = await post<MessageJson>(body, '', { 'idempotency-key': 'link-1' });
  const second = await post<MessageJson>(body, '', { 'idempotency-key': 'link-1' });
  expect([first.status, second.status, second.body.id, asked]).toEqual([202, 202, first.body.id, 1]);
  expect(second.headers.get('idempotent-replayed')).toBe('true');
  await new Promise((resolve) => server.close(resolve));
});

test('a message that is refused for its recipient does not ask for its file', async () => {
  const before = await state();
  const answer = await gateway.call<Problem>('POST', '/v1/messages', {
    sessionId: 'links',
    to: '4915550019999',
    type: 'document',
    document: { link: links.url('/unasked') },
  });
  expect([answer.body.code, links.asked('/unasked')]).toEqual(['recipient_not_on_whatsapp', 0]);
  await expectNothingLeft(before);
});
