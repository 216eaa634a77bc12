/**
 * Messages from the API to the simulated recipient's phone, with the real client: what is decrypted there, what the
 * statuses say, and what happens when WhatsApp refuses, is silent or does not know the number.
 */
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { connected, eventsOf, pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550003001';
const BOB = '4915550003002';
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  await world.phone().createContact({ number: BOB, name: 'Bob', companions: 1 });
  await pair(gateway, world.phone(), { id: 'send', number: PHONE });
});

// What one test does to the simulated WhatsApp must not reach into the next.
afterEach(async () => {
  await world.phone().clearFaults();
  await world.phone().setPolicy(BOB, { delivered: true });
});

const post = (body: object, query = '', headers: Record<string, string> = {}) =>
  gateway.call<MessageJson>(
    'POST',
    `/v1/messages${query}`,
    { sessionId: 'send', to: BOB, ...body },
    { headers },
  );
const get = (id: string): Promise<MessageJson> => gateway.ask<MessageJson>('GET', `/v1/messages/${id}`);
const until = (id: string, status: string): Promise<MessageJson> =>
  eventually(`${id} ${status}`, async () => {
    const message = await get(id);
    return message.status === status && message;
  });

test('the recipient decrypts the text on every device, and the message is sent, then delivered', async () => {
  const text = 'Grüße 👋\n*bold* _it_ ';
  const { status, body } = await post({ text: { body: text } }, '?wait=delivered&timeoutSeconds=20');
  expect(status).toBe(200);
  expect(body.status).toBe('delivered');
  expect(body.timeline.map((entry) => entry.status)).toEqual(['queued', 'sending', 'sent', 'delivered']);
  const seen = await world.phone().messages.waitFor({ to: BOB, waId: body.waId }, { count: 2 });
  expect(seen.map((record) => [record.text, record.device])).toEqual(expect.arrayContaining([[text, 0]]));
  expect(new Set(seen.map((record) => record.text))).toEqual(new Set([text]));
  expect(await world.phone().errors.list()).toEqual([]);
});

test('read comes from the recipient’s receipt, with an event each', async () => {
  const { body } = await post({ text: 'read me' }, '?wait=delivered&timeoutSeconds=20');
  await world.phone().sendReceipt({ from: BOB, to: PHONE, waIds: [body.waId], type: 'read' });
  expect((await until(body.id, 'read')).timeline.map((entry) => entry.status)).toContain('read');
  const read = await eventsOf(gateway, { sessionId: 'send', type: 'message.read' });
  expect(read.map(({ data }) => data.messageId)).toEqual([body.id]);
});

test('answers 202 at once without a wait, and finds the message by our id and by WhatsApp’s', async () => {
  const { status, body } = await post({ text: 'no wait' });
  expect(status).toBe(202);
  expect(await get(body.waId)).toMatchObject({ id: body.id });
  await until(body.id, 'delivered');
});

test('a number that is not on WhatsApp is refused before anything is sent', async () => {
  const { status, body } = await post({ to: '+49 1555 000 9999', text: 'x' });
  expect([status, (body as unknown as { code: string }).code]).toEqual([422, 'recipient_not_on_whatsapp']);
  expect(await world.phone().messages.list({ to: '4915550009999' })).toEqual([]);
});

test('a number written without its ninth digit goes to the account that WhatsApp names, in one chat with the whole number and the LID', async () => {
  const [whole, short] = ['5511987650001', '551187650001'];
  await world.phone().createContact({ number: whole, name: 'Ana', alsoNumbers: [short] });
  const { lid } = await world.phone().contact(whole);
  const spellings = ['+55 11 8765-0001', whole, lid.includes('@') ? lid : `${lid}@lid`];
  for (const to of spellings) {
    const { body } = await post({ to, text: `as ${to}` }, '?wait=delivered&timeoutSeconds=20');
    expect(body.status).toBe('delivered');
    const { recipients } = await gateway.ask<{ recipients: { jid: string }[] }>(
      'GET',
      `/v1/messages/${body.id}`,
    );
    expect(recipients.map(({ jid }) => jid)).toEqual([`${whole}@s.whatsapp.net`]);
  }
  const seen = await world.phone().messages.waitFor({ to: whole }, { count: 3 });
  expect(seen.map(({ text }) => text)).toEqual(spellings.map((to) => `as ${to}`));
  expect(new Set(seen.map(({ chat }) => chat)).size).toBe(1);
  expect(await world.phone().errors.list()).toEqual([]);
});

test('fifty parallel posts with one idempotency key make one message', async () => {
  const headers = { 'idempotency-key': 'once' };
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => post({ text: 'only once' }, '', headers)),
  );
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.filter(({ headers: sent }) => sent.get('idempotent-replayed') === 'true')).toHaveLength(49);
  const id = answers[0]?.body.id ?? '';
  const { waId } = await until(id, 'delivered');
  expect(await world.phone().messages.list({ to: BOB, waId, device: 0 })).toHaveLength(1);
  const other = await post({ text: 'another text' }, '', headers);
  expect([other.status, (other.body as unknown as { code: string }).code]).toEqual([
    422,
    'idempotency_key_reused',
  ]);
});

test('a message whose ack is lost is repeated under the same id, and shown once', async () => {
  await world.phone().addFault({ kind: 'drop_ack', session: PHONE, recipient: BOB, count: 1 });
  const policy = await world.phone().setPolicy(BOB, { delivered: false });
  expect(policy.policy.delivered).toBe(false);
  const { body } = await post({ text: 'ack lost' });
  const [first] = await world.phone().messages.waitFor({ to: BOB, waId: body.waId });
  expect(first?.displayed).toBe(true);
  // No ack, no receipt: what the gateway knows is that it does not know.
  expect((await get(body.id)).status).toBe('sending');
  // A new link is the quickest end of the waiting.
  await world.phone().drop({ session: PHONE });
  await connected(gateway, 'send');
  // Cut off by the link, the first try says nothing about the message and is not counted among its tries.
  expect((await until(body.id, 'sent')).attempts).toBe(1);
  const copies = await world.phone().messages.list({ to: BOB, waId: body.waId, device: 0 });
  expect(copies.map(({ displayed }) => displayed)).toEqual([true, false]);
});

test('what WhatsApp refuses fails with a code and a sentence', async () => {
  await world.phone().addFault({ kind: 'refuse_message', recipient: BOB, code: 403, count: 1 });
  const { body } = await post({ text: 'refused' }, '?wait=sent&timeoutSeconds=20');
  expect(body).toMatchObject({ status: 'failed', error: { code: 'not_allowed', retryable: false } });
  const failed = await eventsOf(gateway, { sessionId: 'send', type: 'message.failed' });
  expect(failed.map(({ data }) => data.messageId)).toContain(body.id);
});

test('messages for a session that is away wait, say why, and go in order when it is back', async () => {
  await gateway.ask('POST', '/v1/sessions/send/stop');
  await gateway.ask('GET', '/v1/sessions/send?waitFor=stopped&timeoutSeconds=20');
  const posted: MessageJson[] = [];
  for (const text of ['one', 'two', 'three']) posted.push((await post({ text })).body);
  expect(posted.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued']);
  await gateway.ask('POST', '/v1/sessions/send/start');
  for (const { id } of posted) await until(id, 'delivered');
  const seen = await world.phone().messages.list({ to: BOB, device: 0 });
  expect(
    seen.filter(({ waId }) => posted.some((message) => message.waId === waId)).map(({ text }) => text),
  ).toEqual(['one', 'two', 'three']);
});

test('a test key gets the whole way, and nothing is handed to WhatsApp', async () => {
  const { key } = await gateway.ask<{ key: string }>('POST', '/v1/keys', {
    name: 't',
    role: 'sender',
    mode: 'test',
  });
  expect(key).toMatch(/^slk_test_/);
  const body = { sessionId: 'send', to: '4915550007777', text: 'never' };
  const answer = await gateway.call<MessageJson & { test: boolean }>(
    'POST',
    '/v1/messages?wait=delivered&timeoutSeconds=20',
    body,
    { key },
  );
  expect(answer.body).toMatchObject({ status: 'delivered', test: true });
  expect(await world.phone().messages.list({ waId: answer.body.waId })).toEqual([]);
});

test('the standard policy keeps a gap, and the message that waits says so', async () => {
  await gateway.ask('PATCH', '/v1/sessions/send', { policy: { preset: 'standard' } });
  await post({ text: 'first' }, '?wait=sent&timeoutSeconds=20');
  const { body } = await post({ text: 'second' });
  const held = await eventually('the hold', async () => {
    const message = await get(body.id);
    return message.hold?.code === 'gap' && message;
  });
  expect(held.hold?.message).toMatch(/gap of 5 s to 9 s/);
  expect(Date.parse(held.hold?.until ?? '')).toBeGreaterThan(Date.now());
  await gateway.ask('PATCH', '/v1/sessions/send', { policy: { preset: 'unpaced' } });
  await until(body.id, 'delivered');
});
