/**
 * The queue seen from the wire, with the real client: what is scheduled, cancelled, retried, has run out of time or is a
 * reply reaches the phone when it should, or not at all; and test messages meet limits and make events like real ones.
 */
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { connected, eventsOf, pair, useWorld, type MessageJson, type SessionJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550016001';
const [ANN, BOB, CARL] = ['4915550016002', '4915550016003', '4915550016004'];
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  for (const number of [ANN, BOB, CARL]) await world.phone().createContact({ number, name: number });
  await pair(gateway, world.phone(), { id: 'queue', number: PHONE });
});

type Answer = MessageJson & { sendAt: string | null; test: boolean; code?: string };

const call = (body: object, more: { query?: string; key?: string } = {}) =>
  gateway.call<Answer>(
    'POST',
    `/v1/messages${more.query ?? ''}`,
    { sessionId: 'queue', to: BOB, ...body },
    more.key === undefined ? {} : { key: more.key },
  );
const post = async (body: object) => (await call(body)).body;
const get = (id: string) => gateway.ask<Answer>('GET', `/v1/messages/${id}`);
const until = (id: string, status: string) =>
  eventually(`${id} ${status}`, async () => {
    const message = await get(id);
    return message.status === status && message;
  });
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
const setPolicy = (policy: object) => gateway.ask('PATCH', '/v1/sessions/queue', { policy });
const seenBy = (to: string) => world.phone().messages.list({ to, device: 0 });

test('a scheduled message goes at its time, also after a crash, and others go meanwhile; a cancelled one never goes', async () => {
  const sendAt = inMs(6_000);
  const scheduled = await post({ text: 'at its time', sendAt });
  const unwanted = await post({ text: 'never', sendAt });
  expect(scheduled).toMatchObject({ status: 'scheduled', sendAt });
  expect((await gateway.ask<Answer>('POST', `/v1/messages/${unwanted.id}/cancel`)).status).toBe('canceled');
  await gateway.kill9();
  gateway = await world.start();
  await connected(gateway, 'queue');
  await until((await post({ text: 'at once' })).id, 'delivered');
  await until(scheduled.id, 'delivered');
  const seen = await seenBy(BOB);
  expect(seen.map(({ text }) => text)).toEqual(['at once', 'at its time']);
  expect(Date.parse(seen[1]?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(sendAt));
  expect((await get(unwanted.id)).status).toBe('canceled');
  const again = await gateway.call<Answer>('POST', `/v1/messages/${scheduled.id}/cancel`);
  expect([again.status, again.body.code]).toEqual([409, 'invalid_state']);
});

test('a message that WhatsApp refused goes under its id when it is retried', async () => {
  await world.phone().addFault({ kind: 'refuse_message', recipient: BOB, code: 403, count: 1 });
  const { id, waId } = await post({ text: 'refused at first' });
  await until(id, 'failed');
  expect(await world.phone().messages.list({ to: BOB, waId })).toEqual([]);
  await gateway.ask('POST', `/v1/messages/${id}/retry`);
  await until(id, 'delivered');
  expect(await world.phone().messages.list({ to: BOB, waId, device: 0 })).toHaveLength(1);
});

test('what runs out of time while the session is away expires, is told, and is not sent when it is back', async () => {
  const [last] = (await eventsOf(gateway, { sessionId: 'queue', type: 'message.delivered' })).slice(-1);
  await gateway.ask('POST', '/v1/sessions/queue/stop');
  await gateway.ask('GET', '/v1/sessions/queue?waitFor=stopped&timeoutSeconds=20');
  const late = await post({ text: 'too late', expiresAt: inMs(1_000) });
  const patient = await post({ text: 'can wait' });
  expect((await until(late.id, 'expired')).error).toMatchObject({ code: 'expired' });
  const [told] = await eventsOf(gateway, {
    sessionId: 'queue',
    type: 'message.failed',
    after: last?.seq ?? 0,
  });
  expect(told?.data).toMatchObject({ messageId: late.id, error: { code: 'expired' } });
  await gateway.ask('POST', '/v1/sessions/queue/start');
  await until(patient.id, 'delivered');
  expect((await seenBy(BOB)).map(({ text }) => text)).not.toContain('too late');
});

test('a reply goes ahead of bulk that was there first, and the bulk goes on in its order', async () => {
  const gapMs = { min: 3_000, max: 3_000 };
  const replyGapMs = { min: 100, max: 200 };
  await setPolicy({ preset: 'conversation', gapMs, replyGapMs, typing: false });
  await until((await post({ text: 'bulk 1' })).id, 'delivered');
  const bulk = [await post({ text: 'bulk 2' }), await post({ text: 'bulk 3' })];
  await world.phone().sendTo(PHONE, { from: CARL, text: 'Is it open?' });
  await eventsOf(gateway, { sessionId: 'queue', type: 'message.received' });
  const reply = await post({ to: CARL, text: 'Yes' });
  for (const { id } of [...bulk, reply]) await until(id, 'delivered');
  const seen = (await world.phone().messages.list({ from: PHONE, device: 0 })).filter(({ copy }) => !copy);
  expect(seen.slice(-4).map(({ text }) => text)).toEqual(['bulk 1', 'Yes', 'bulk 2', 'bulk 3']);
  await setPolicy({ preset: 'unpaced' });
});

test('a queue that is full refuses with 503 and says when to come again', async () => {
  await setPolicy({ preset: 'unpaced', queueMax: 1 });
  await gateway.ask<SessionJson>('POST', '/v1/sessions/queue/pause');
  const taken = await call({ text: 'the one' });
  const refused = await call({ text: 'one too many' });
  expect([taken.status, refused.status, refused.body.code]).toEqual([202, 503, 'queue_full']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await gateway.ask('POST', '/v1/sessions/queue/resume');
  await until(taken.body.id, 'delivered');
  expect((await call({ text: 'room again' })).status).toBe(202);
});

test('a test key meets the limits and makes the events of a real one, which it does not use up', async () => {
  await setPolicy({ preset: 'unpaced', perDay: 1, onLimit: 'reject', checkRecipient: false });
  // What was sent before counts for real messages alone.
  const { key } = await gateway.ask<{ key: string }>('POST', '/v1/keys', {
    name: 'test',
    role: 'sender',
    mode: 'test',
  });
  const body = { to: ANN, text: 'only a test' };
  const first = await call(body, { key, query: '?wait=delivered&timeoutSeconds=20' });
  expect(first.body).toMatchObject({ status: 'delivered', test: true });
  const second = await call(body, { key });
  expect([second.status, second.body.code]).toEqual([429, 'daily_limit_reached']);
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
  const { data } = await gateway.ask<{
    data: { type: string; data: { messageId?: string; test?: boolean } }[];
  }>('GET', '/v1/events?sessionId=queue&types=message.queued,message.sent,message.delivered&limit=200');
  const own = data.filter((event) => event.data.messageId === first.body.id);
  expect(own.map(({ type }) => type)).toEqual(['message.queued', 'message.sent', 'message.delivered']);
  expect(await seenBy(ANN)).toEqual([]);
});

test('after all of it nothing was sent that the real server would have swallowed in silence', async () => {
  expect(await world.phone().errors.list()).toEqual([]);
});
