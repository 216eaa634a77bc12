/**
 * Pacing seen from the wire, with the real client: gaps, typing and pauses as the simulated WhatsApp sees them, its own
 * restrictions, and people who ask not to be written to.
 */
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { connected, eventsOf, pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550021001';
const [ANN, BOB, CARL, DORA] = ['4915550021002', '4915550021003', '4915550021004', '4915550021005'];
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  for (const number of [ANN, BOB, CARL, DORA]) await world.phone().createContact({ number, name: number });
  await pair(gateway, world.phone(), { id: 'pace', number: PHONE });
});

const setPolicy = (policy: object) => gateway.ask('PATCH', '/v1/sessions/pace', { policy });
const post = (to: string, text: string, query = '') =>
  gateway.call<MessageJson & { code?: string }>('POST', `/v1/messages${query}`, {
    sessionId: 'pace',
    to,
    text,
  });
const get = (id: string): Promise<MessageJson> => gateway.ask<MessageJson>('GET', `/v1/messages/${id}`);
const until = (id: string, status: string): Promise<MessageJson> =>
  eventually(`${id} ${status}`, async () => {
    const message = await get(id);
    return message.status === status && message;
  });

interface Limits {
  perDay: { max: number; used: number } | null;
  cooldown: { used: number } | null;
  restrictions: { kind: string; active: boolean }[];
}
const limits = (): Promise<Limits> => gateway.ask<Limits>('GET', '/v1/sessions/pace/limits');

test('gap, typing and pause lie within their bounds on the wire', async () => {
  await setPolicy({
    preset: 'standard',
    gapMs: { min: 1_000, max: 1_500 },
    typing: { perCharacterMs: 20, minMs: 100, maxMs: 600 },
    cooldown: { afterMessages: 3, minMs: 3_000, maxMs: 3_500 },
  });
  await world.phone().clearRecords();
  const body = 'x'.repeat(20);
  const ids = [];
  for (let index = 0; index < 5; index += 1) ids.push((await post(ANN, body)).body.id);
  for (const id of ids) await until(id, 'delivered');
  const seen = await world.phone().messages.list({ from: PHONE, to: ANN, device: 0 });
  const times = seen.map(({ at }) => new Date(at).getTime());
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  const slack = 1_500;
  for (const [index, gap] of gaps.entries()) {
    const [min, max] = index === 2 ? [3_000, 3_500] : [1_000, 1_500];
    expect(gap).toBeGreaterThanOrEqual(min);
    expect(gap).toBeLessThanOrEqual(max + slack);
  }
  const typed = (await world.phone().presences.list({ from: PHONE })).filter(
    ({ type }) => type === 'composing',
  );
  expect(typed).toHaveLength(5);
  for (const [index, at] of times.entries()) {
    const before = at - new Date(typed[index]?.at ?? 0).getTime();
    // Either may take a moment to arrive.
    expect(before).toBeGreaterThanOrEqual(300);
    expect(before).toBeLessThanOrEqual(400 + slack);
  }
  expect(await limits()).toMatchObject({ perDay: { max: 500, used: 5 }, cooldown: { used: 2 } });
});

test('a restart resets no count', async () => {
  const before = await limits();
  await gateway.kill9();
  gateway = await world.start();
  await connected(gateway, 'pace');
  expect((await limits()).perDay).toEqual(before.perDay);
});

test('what was sent without limits counts once there are some, and a restart resets none of it', async () => {
  await setPolicy({ preset: 'unpaced' });
  for (const text of ['free 1', 'free 2']) await post(ANN, text, '?wait=sent&timeoutSeconds=20');
  // Five in the first test, and these two.
  await setPolicy({ preset: 'unpaced', perDay: 7, recipientCooldownMs: 3_600_000 });
  expect((await limits()).perDay).toMatchObject({ max: 7, used: 7, left: 0 });
  const { id } = (await post(BOB, 'one too many')).body;
  const code = async () => (await get(id)).hold?.code;
  await eventually('the cap', async () => (await code()) === 'day_limit');
  await gateway.kill9();
  gateway = await world.start();
  await connected(gateway, 'pace');
  expect((await limits()).perDay).toMatchObject({ max: 7, used: 7 });
  expect(await code()).toBe('day_limit');
  await gateway.ask('POST', `/v1/messages/${id}/cancel`);
  const again = (await post(ANN, 'so soon')).body;
  await setPolicy({ preset: 'unpaced', recipientCooldownMs: 3_600_000 });
  await eventually('the cooldown', async () => (await get(again.id)).hold?.code === 'recipient_cooldown');
  await gateway.ask('POST', `/v1/messages/${again.id}/cancel`);
});

test('WhatsApp’s time-lock holds new chats, lets known ones through, survives a restart and ends', async () => {
  await setPolicy({ preset: 'unpaced' });
  await world.phone().restrict(PHONE, { timelock: { durationMs: 12_000 } });
  const [told] = await eventsOf(gateway, { sessionId: 'pace', type: 'session.restricted' });
  expect(told?.data).toMatchObject({ kind: 'timelock', active: true, reason: 'BIZ_QUALITY' });
  await gateway.kill9();
  gateway = await world.start();
  await connected(gateway, 'pace');
  const stranger = (await post(BOB, 'Hello')).body;
  const known = await post(ANN, 'Still here', '?wait=delivered&timeoutSeconds=20');
  expect(known.body.status).toBe('delivered');
  const waiting = await get(stranger.id);
  expect(waiting).toMatchObject({ status: 'queued', hold: { code: 'whatsapp_restricted' } });
  expect(Date.parse(waiting.hold?.until ?? '')).toBeGreaterThan(Date.now());
  expect((await limits()).restrictions).toMatchObject([{ kind: 'timelock', active: true }]);
  expect(await world.phone().messages.list({ to: BOB })).toEqual([]);
  await until(stranger.id, 'delivered');
});

test('a message that is refused for want of a chat waits through a restart, and is shown once when the lock ends', async () => {
  const FAY = '4915550021007';
  await world.phone().createContact({ number: FAY, name: 'Fay' });
  await setPolicy({ preset: 'unpaced' });
  // The lock is told by the answer to the question that follows a refusal, so the first message meets it unawares.
  await world.phone().addFault({ kind: 'refuse_message', session: PHONE, recipient: FAY, code: 463 });
  const refused = (await post(FAY, 'first')).body;
  const behind = (await post(FAY, 'second')).body;
  const waiting = await eventually('the refusal', async () => {
    const message = await get(refused.id);
    return message.error !== null && message.hold !== null && message;
  });
  expect(waiting).toMatchObject({
    status: 'queued',
    attempts: 1,
    error: { code: 'reachout_restricted' },
    hold: { code: 'whatsapp_restricted' },
  });
  const restrictionEnds = Date.parse(waiting.hold?.until ?? '');
  expect(restrictionEnds).toBeGreaterThan(Date.now() + 25 * 60_000);
  expect((await post(ANN, 'known', '?wait=delivered&timeoutSeconds=20')).body.status).toBe('delivered');
  await gateway.kill9();
  gateway = await world.start();
  await connected(gateway, 'pace');
  expect((await post(ANN, 'still known', '?wait=delivered&timeoutSeconds=20')).body.status).toBe('delivered');
  for (const { id } of [refused, behind])
    expect(await get(id)).toMatchObject({ status: 'queued', hold: { code: 'whatsapp_restricted' } });
  expect((await get(refused.id)).attempts).toBe(1);
  await world.phone().clearFaults();
  // WhatsApp tells of a lock, and then of its end: with that the refusal is over, too.
  await world.phone().restrict(PHONE, { timelock: { durationMs: 3_000 } });
  for (const { id } of [refused, behind]) await until(id, 'delivered');
  const seen = await world.phone().messages.list({ to: FAY, device: 0 });
  expect(seen.filter(({ displayed }) => displayed).map(({ text, waId }) => [text, waId])).toEqual([
    ['first', refused.waId],
    ['second', behind.waId],
  ]);
  expect((await get(refused.id)).attempts).toBe(2);
});

test('WhatsApp’s cap of new chats holds them with its numbers, lets known ones through, and ends', async () => {
  const EVE = '4915550021006';
  await world.phone().createContact({ number: EVE, name: 'Eve' });
  await setPolicy({ preset: 'unpaced' });
  await world.phone().restrict(PHONE, {
    capping: { capping_status: 'CAPPED', total_quota: 30, used_quota: 30 },
  });
  const told = await eventually('the cap to be told', async () => {
    const events = await eventsOf(gateway, { sessionId: 'pace', type: 'session.restricted' });
    return events.find(({ data }) => data.kind === 'capping');
  });
  expect(told.data).toMatchObject({
    active: true,
    reason: 'CAPPED',
    quota: { total: 30, used: 30 },
    message: "WhatsApp's limit of new chats for this number is reached, 30 of 30 used",
  });
  const stranger = (await post(EVE, 'Hello')).body;
  expect((await post(ANN, 'Known', '?wait=delivered&timeoutSeconds=20')).body.status).toBe('delivered');
  const waiting = await get(stranger.id);
  expect(waiting).toMatchObject({ status: 'queued', hold: { code: 'whatsapp_restricted' } });
  expect(waiting.hold?.message).toContain('30 of 30 used');
  expect((await limits()).restrictions).toContainEqual(
    expect.objectContaining({ kind: 'capping', active: true, quota: { total: 30, used: 30 } }),
  );
  expect(await world.phone().messages.list({ to: EVE })).toEqual([]);
  await world.phone().restrict(PHONE, {
    capping: { capping_status: 'NONE', total_quota: 60, used_quota: 30 },
  });
  await until(stranger.id, 'delivered');
  expect((await limits()).restrictions).toContainEqual(
    expect.objectContaining({ kind: 'capping', active: false, quota: { total: 60, used: 30 } }),
  );
});

test('STOP opts out: told, answered once, and nobody writes there any more', async () => {
  await setPolicy({ preset: 'unpaced', optOut: { answer: 'Done.' } });
  await world.phone().sendTo(PHONE, { from: CARL, text: 'Stop!' });
  const [told] = await eventsOf(gateway, { sessionId: 'pace', type: 'recipient.opted_out' });
  expect(told?.data).toMatchObject({ phone: CARL, keyword: 'stop' });
  const [answer] = await world.phone().messages.waitFor({ to: CARL, device: 0 });
  expect(answer?.text).toBe('Done.');
  const refused = await post(CARL, 'One more thing');
  expect([refused.status, refused.body.code]).toEqual([422, 'recipient_opted_out']);
  await gateway.call('DELETE', `/v1/opt-outs/${CARL}`);
  expect((await post(CARL, 'Welcome back', '?wait=delivered&timeoutSeconds=20')).body.status).toBe(
    'delivered',
  );
});

test('an otp policy refuses a second message within the minute, with Retry-After', async () => {
  await setPolicy({ preset: 'otp' });
  expect((await post(DORA, 'Code 1')).status).toBe(202);
  const second = await post(DORA, 'Code 2');
  expect([second.status, second.body.code]).toEqual([429, 'recipient_cooldown']);
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
});
