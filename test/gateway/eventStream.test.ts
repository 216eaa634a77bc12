/**
 * Readers of the event log that are slow or go away: they cost the session, its memory and the other readers nothing.
 */
import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import { ADMIN_KEY, type GatewayProcess } from '../support/gatewayProcess.js';
import { eventually } from '../support/eventually.js';
import { eventsOf, pair, useWorld } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550016001';
const BOB = '4915550016002';
const SESSION = 'streams';
/** More than the buffers of a connection hold, several times over. */
const MESSAGES = 600;
const TEXT = 'x'.repeat(60_000);
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: SESSION, number: PHONE });
});

interface Reader {
  response: IncomingMessage;
  /** The ids that have come whole, in their order. */
  ids: string[];
  texts: string[];
}

function open(path: string, headers: Record<string, string> = {}): ClientRequest {
  const request = get(`${gateway.url}${path}`, { headers: { 'X-API-Key': ADMIN_KEY, ...headers } });
  request.on('error', () => undefined);
  return request;
}

/** A reader of the stream; paused, when it is to be slow. */
async function follow(lastEventId?: string): Promise<Reader> {
  const path = `/v1/events/stream?sessionId=${SESSION}&types=message.received`;
  const request = open(path, lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId });
  const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
  response.on('error', () => undefined);
  const reader: Reader = { response, ids: [], texts: [] };
  let rest = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const frames = (rest + chunk).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const [id, , data] = frame.split('\n');
      if (id?.startsWith('id: ') !== true || data === undefined) continue;
      reader.ids.push(id.slice('id: '.length));
      const event = JSON.parse(data.slice('data: '.length)) as { data: { text: string } };
      reader.texts.push(event.data.text.slice(0, 20));
    }
  });
  return reader;
}

test('a reader that does not read delays nobody and misses nothing when it resumes', async () => {
  const [slow, quick] = [await follow(), await follow()];
  const texts = Array.from({ length: MESSAGES }, (_, index) => `message ${String(index)} ${TEXT}`);
  for (let at = 0; at < MESSAGES; at += 100) {
    const page = texts.slice(at, at + 100);
    await world.phone().sendManyTo(
      PHONE,
      page.map((text) => ({ from: BOB, text })),
    );
    // All that was sent is there for the other reader, while the slow one reads the first of it at most.
    const seen = at + page.length;
    await eventually(`${String(seen)} messages`, () => quick.texts.length === seen);
    slow.response.pause();
  }
  const numbers = texts.map((text) => text.slice(0, 20));
  expect(quick.texts).toEqual(numbers);
  expect(slow.ids.length).toBeGreaterThan(0);
  expect(slow.ids.length).toBeLessThan(MESSAGES / 2);
  await world.phone().deliveries.waitFor({ to: PHONE, acknowledged: true }, { count: MESSAGES });
  slow.response.destroy();
  const resumed = await follow(slow.ids.at(-1));
  await eventually('the rest', () => slow.ids.length + resumed.ids.length === MESSAGES);
  expect([...slow.texts, ...resumed.texts]).toEqual(numbers);
  expect([...slow.ids, ...resumed.ids]).toEqual(quick.ids);
  for (const { response } of [resumed, quick]) response.destroy();
});

test('long polls whose clients go away leave nothing behind and delay nobody', async () => {
  const path = `/v1/events?sessionId=${SESSION}&afterSeq=1000000&waitSeconds=60`;
  const polls = Array.from({ length: 100 }, () => open(path));
  const open100 = async (): Promise<boolean> => {
    const { body } = await gateway.call<string>('GET', '/metrics');
    return Number(/^nodejs_active_resources\{type="TCPSocketWrap"\} (\d+)$/m.exec(body)?.[1] ?? 0) > 100;
  };
  await eventually('the polls to wait', open100);
  for (const poll of polls) poll.destroy();
  await eventually('the polls to be gone', async () => !(await open100()));
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'after the polls' });
  const events = await eventsOf(gateway, {
    sessionId: SESSION,
    type: 'message.received',
    count: MESSAGES + 1,
  });
  expect(events.at(-1)?.data.messageId).toBe(waId);
  // It waits for no answer that nobody takes.
  const began = Date.now();
  expect(await gateway.stop()).toBe(0);
  expect(Date.now() - began).toBeLessThan(10_000);
});
