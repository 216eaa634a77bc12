/**
 * What goes wrong on the way in: links that break or only seem to stand, refusals, messages that cannot be decrypted.
 * Each is told at once, with its reason, and nothing is lost or put out of order.
 */
import { fileURLToPath } from 'node:url';
import type { GatewayProcess, Json } from '../support/gatewayProcess.js';
import { connected, eventsOf, pair, useWorld, type EventJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550015001';
const BOB = '4915550015002';
const EVE = '4915550015003';
const SESSION = 'trouble';
const QUICK = fileURLToPath(new URL('support/quickGateway.mjs', import.meta.url));
let gateway: GatewayProcess;

beforeAll(async () => {
  // The same gateway with shorter waits.
  gateway = await world.start({ program: QUICK });
  await world.phone().createContacts([
    { number: BOB, name: 'Bob' },
    { number: EVE, name: 'Eve' },
  ]);
  await pair(gateway, world.phone(), { id: SESSION, number: PHONE });
});

afterEach(() => world.phone().clearFaults());

async function lastSeq(): Promise<number> {
  const { data } = await gateway.ask<{ data: EventJson[] }>(
    'GET',
    `/v1/events?sessionId=${SESSION}&afterSeq=0&limit=200`,
  );
  return data.at(-1)?.seq ?? 0;
}

async function eventAfter(afterSeq: number, type: string, waitSeconds = 25): Promise<EventJson> {
  const { data } = await gateway.ask<{ data: EventJson[] }>(
    'GET',
    `/v1/events?sessionId=${SESSION}&types=${type}&afterSeq=${String(afterSeq)}&waitSeconds=${String(waitSeconds)}`,
  );
  const [event] = data;
  if (!event) throw new Error(`no ${type} came\n${gateway.output()}`);
  return event;
}

test('a backlog and what comes after it are events in the order in which they were sent', async () => {
  const texts = Array.from({ length: 60 }, (_, index) => `in order ${String(index)}`);
  const messages = texts.map((text, index) => ({ from: index % 2 === 0 ? BOB : EVE, text }));
  await world.phone().drop({ session: PHONE });
  await world.phone().sendManyTo(PHONE, messages.slice(0, 40));
  await connected(gateway, SESSION);
  await world.phone().sendManyTo(PHONE, messages.slice(40));
  const events = await eventsOf(gateway, { sessionId: SESSION, type: 'message.received', count: 60 });
  for (const from of [BOB, EVE]) {
    const mine = events.filter(({ data }) => (data.from as Json).phone === from);
    const sent = messages.filter((message) => message.from === from);
    expect(mine.map(({ data }) => data.text)).toEqual(sent.map(({ text }) => text));
  }
});

test('a link that only seems to stand is noticed, told, and replaced', async () => {
  const before = await lastSeq();
  await world.phone().addFault({ kind: 'half_open', session: PHONE });
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'into the void' });
  const lost = await eventAfter(before, 'session.disconnected');
  expect(lost.data).toMatchObject({ status: 'disconnected', reason: { code: 'connection_lost' } });
  await world.phone().clearFaults();
  await connected(gateway, SESSION);
  const came = await eventAfter(before, 'message.received');
  expect(came.data).toMatchObject({ messageId: waId, text: 'into the void', offline: true });
});

test('a server that no longer answers is noticed although the link stands', async () => {
  const before = await lastSeq();
  await world.phone().addFault({ kind: 'drop_query', session: PHONE, xmlns: 'w:p' });
  // Something is heard all the time, so it is not silence that gives it away.
  const chatter = setInterval(
    () => void world.phone().showPresence(BOB, { to: PHONE, type: 'composing' }),
    200,
  );
  const lost = await eventAfter(before, 'session.disconnected').finally(() => clearInterval(chatter));
  expect(lost.data).toMatchObject({ status: 'disconnected', reason: { code: 'deaf' } });
  await world.phone().clearFaults();
  await connected(gateway, SESSION);
});

test('a message that cannot be decrypted and whose sender is away is handed over by the own phone', async () => {
  const before = await lastSeq();
  await world.phone().setOnline(EVE, false);
  const waId = await world.phone().sendTo(PHONE, { from: EVE, text: 'the phone knows it', corrupt: true });
  const event = await eventAfter(before, 'message.received');
  expect(event.data).toMatchObject({
    messageId: waId,
    kind: 'text',
    text: 'the phone knows it',
    from: { phone: EVE },
  });
  // The sender sends it again when it is back, which is no second event.
  await world.phone().setOnline(EVE, true);
  await world.phone().deliveries.waitFor({ waId, acknowledged: true });
  const after = await world.phone().sendTo(PHONE, { from: EVE, text: 'and on' });
  const next = await eventAfter(event.seq, 'message.received');
  expect(next.data).toMatchObject({ messageId: after, text: 'and on' });
});

test('messages that cannot be decrypted do not delay those behind them', async () => {
  const before = await lastSeq();
  await world.phone().setOnline(EVE, false);
  const spoilt = Array.from({ length: 10 }, (_, index) => ({
    from: EVE,
    text: `spoilt ${String(index)}`,
    corrupt: true,
  }));
  await world.phone().sendManyTo(PHONE, [...spoilt, { from: BOB, text: 'not delayed' }]);
  // Left to itself Baileys would hold all that follows for two seconds at each of the ten.
  const next = await eventAfter(before, 'message.received', 8);
  expect(next.data).toMatchObject({ text: 'not delayed', from: { phone: BOB } });
  await world.phone().setOnline(EVE, true);
  const all = await eventsOf(gateway, {
    sessionId: SESSION,
    type: 'message.received',
    count: 10,
    after: next.seq,
  });
  expect(all.map(({ data }) => data.text).sort()).toEqual(spoilt.map(({ text }) => text));
});

test('a message that WhatsApp keeps from linked devices is handed over by the own phone', async () => {
  const before = await lastSeq();
  const letter = { from: EVE, text: 'came through an ad', unavailable: 'untyped' } as const;
  const waId = await world.phone().sendTo(PHONE, letter);
  const event = await eventAfter(before, 'message.received');
  expect(event.data).toMatchObject({
    messageId: waId,
    kind: 'text',
    text: letter.text,
    from: { phone: EVE },
  });
  // The sender has never encrypted it for this device, and is not asked to.
  const [delivery] = await world.phone().deliveries.waitFor({ waId, acknowledged: true });
  expect(delivery).toMatchObject({ retries: 0 });
});

test('one that the own phone does not have either is told', async () => {
  const before = await lastSeq();
  await world.phone().setOnline(PHONE, false);
  const waId = await world.phone().sendTo(PHONE, { from: EVE, text: 'nowhere', unavailable: 'untyped' });
  const told = await eventAfter(before, 'message.received');
  expect(told.data).toMatchObject({ messageId: waId, kind: 'unsupported', from: { phone: EVE } });
  await world.phone().setOnline(PHONE, true);
  const came = await eventAfter(told.seq, 'message.received');
  expect(came.data).toMatchObject({ messageId: waId, kind: 'text', text: 'nowhere' });
});

test.each(['view_once_unavailable_fanout', 'bot_unavailable_fanout', 'hosted_unavailable_fanout'] as const)(
  'a message that is for the phone alone (%s) is told at once',
  async (unavailable) => {
    const before = await lastSeq();
    const waId = await world.phone().sendTo(PHONE, { from: EVE, text: 'look once', unavailable });
    const event = await eventAfter(before, 'message.received');
    expect(event.data).toMatchObject({
      messageId: waId,
      kind: 'unsupported',
      typeName: unavailable,
      reason: { code: 'not_for_linked_devices' },
      from: { phone: EVE },
    });
    await world.phone().deliveries.waitFor({ waId, acknowledged: true });
  },
);

test('a message that cannot be decrypted and does not come again is told, and its content when it comes after all', async () => {
  const before = await lastSeq();
  // Neither the sender's phone nor our own has a network: nobody answers the request to send it again.
  for (const number of [EVE, PHONE]) await world.phone().setOnline(number, false);
  const waId = await world.phone().sendTo(PHONE, { from: EVE, text: 'unreadable', corrupt: true });
  const told = await eventAfter(before, 'message.received');
  expect(told.data).toMatchObject({
    messageId: waId,
    kind: 'unsupported',
    typeName: 'undecryptable',
    reason: { code: 'undecryptable' },
    from: { phone: EVE },
  });
  const metrics = await gateway.call<string>('GET', '/metrics');
  expect(metrics.body).toContain('sluice_undecrypted_messages{state="reported"} 1');
  for (const number of [EVE, PHONE]) await world.phone().setOnline(number, true);
  const came = await eventAfter(told.seq, 'message.received');
  expect(came.data).toMatchObject({ messageId: waId, kind: 'text', text: 'unreadable' });
  const later = await gateway.call<string>('GET', '/metrics');
  expect(later.body).toContain('sluice_undecrypted_messages{state="reported"} 0');
});

test('a message whose sender never got the request to send it again is asked for after the next login', async () => {
  const before = await lastSeq();
  await world.phone().addFault({ kind: 'drop_retry', session: PHONE });
  // Nor does our own phone have it.
  await world.phone().setOnline(PHONE, false);
  const waId = await world.phone().sendTo(PHONE, { from: EVE, text: 'asked for twice', corrupt: true });
  const told = await eventAfter(before, 'message.received');
  expect(told.data).toMatchObject({ messageId: waId, kind: 'unsupported' });
  await world.phone().clearFaults();
  await world.phone().drop({ session: PHONE });
  const came = await eventAfter(told.seq, 'message.received');
  expect(came.data).toMatchObject({ messageId: waId, kind: 'text', text: 'asked for twice' });
  await world.phone().setOnline(PHONE, true);
});

test.each([
  [440, 'stopped', 'replaced'],
  [503, 'disconnected', 'service_unavailable'],
] as const)('stream error %i is told at once, with what to do', async (code, status, reason) => {
  const before = await lastSeq();
  await world.phone().drop({ session: PHONE, how: 'stream_error', code });
  const event = await eventAfter(before, 'session.disconnected');
  expect(event.data).toMatchObject({ status, reason: { code: reason } });
  expect((event.data.reason as Json).action).not.toBe('');
  if (status === 'stopped') await gateway.ask('POST', `/v1/sessions/${SESSION}/start`);
  await connected(gateway, SESSION);
});

test('a version that WhatsApp refuses is told once, with what to do', async () => {
  const before = await lastSeq();
  await world.phone().addFault({ kind: 'fail_login', session: PHONE, code: 405 });
  await gateway.ask('POST', `/v1/sessions/${SESSION}/restart`);
  const event = await eventAfter(before, 'session.disconnected');
  expect(event.data).toMatchObject({
    status: 'disconnected',
    reason: { code: 'client_outdated', action: 'Update Sluice.' },
  });
  await world.phone().clearFaults();
  await gateway.ask('POST', `/v1/sessions/${SESSION}/restart`);
  await connected(gateway, SESSION);
});
