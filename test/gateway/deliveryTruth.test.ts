/**
 * What the statuses claim is true: `sent` only by the server's word, `delivered` and `read` only by receipts, and in a
 * group member by member. With the real client against the simulator.
 */
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { connected, pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550018001';
const BOB = '4915550018002';
const CAROL = '4915550018003';
let gateway: GatewayProcess;

interface Detail extends MessageJson {
  recipients: { jid: string; phone: string | null; deliveredAt: string | null; readAt: string | null }[];
}

beforeAll(async () => {
  gateway = await world.start();
  for (const number of [BOB, CAROL]) await world.phone().createContact({ number, name: number });
  await pair(gateway, world.phone(), { id: 'truth', number: PHONE });
});

afterEach(async () => {
  await world.phone().clearFaults();
  for (const number of [BOB, CAROL]) await world.phone().setPolicy(number, { delivered: true, read: false });
});

const post = (to: string, text: string, query = '?wait=sent&timeoutSeconds=30') =>
  gateway.ask<MessageJson>('POST', `/v1/messages${query}`, { sessionId: 'truth', to, text });
const get = (id: string) => gateway.ask<Detail>('GET', `/v1/messages/${id}`);
const statuses = ({ timeline }: MessageJson) => timeline.map(({ status }) => status);

test('a message to one person says when that person received and read it', async () => {
  const { id, waId } = await post(BOB, 'to one', '?wait=delivered&timeoutSeconds=30');
  const before = await get(id);
  expect(before.recipients).toMatchObject([{ phone: BOB, readAt: null }]);
  expect(before.recipients[0]?.deliveredAt).toBe(
    before.timeline.find(({ status }) => status === 'delivered')?.at,
  );
  await world.phone().sendReceipt({ from: BOB, to: PHONE, waIds: [waId], type: 'read' });
  await eventually('read', async () => (await get(id)).recipients[0]?.readAt !== null);
});

test.each(['pn', 'lid'] as const)(
  'a message to a group addressed by %s is decrypted by all, and says member by member who has it',
  async (addressing) => {
    const phone = world.phone();
    await phone.setPolicy(CAROL, { delivered: false });
    const { id: group } = await phone.createGroup({
      subject: addressing,
      creator: BOB,
      members: [CAROL, PHONE],
      addressing,
    });
    const { id, waId } = await post(group, `hello ${addressing}`, '?wait=delivered&timeoutSeconds=30');
    for (const to of [BOB, CAROL]) {
      const [seen] = await phone.messages.waitFor({ to, waId });
      expect(seen).toMatchObject({ text: `hello ${addressing}`, chat: group, encryption: 'skmsg' });
    }
    // Carol's phone is silent: Bob's receipt moves the message, and she is not among those who have it.
    expect((await get(id)).recipients).toHaveLength(1);
    await phone.setPolicy(CAROL, { delivered: true, read: true });
    const second = await post(group, 'and again', '?wait=read&timeoutSeconds=30');
    const after = await eventually('both', async () => {
      const message = await get(second.id);
      return message.recipients.length === 2 && message;
    });
    const read = after.recipients.filter(({ readAt }) => readAt !== null);
    expect(read).toHaveLength(1);
    expect(read[0]?.jid).toMatch(addressing === 'pn' ? `${CAROL}@` : /@lid$/);
    expect(after.status).toBe('read');
  },
);

test('a message to a LID reaches the person behind it, in the one chat with that person', async () => {
  const phone = world.phone();
  const eve = '4915550018005';
  await phone.createContact({ number: eve, name: 'Eve' });
  // Bob was written to by number before, so his LID is known to be his; nothing is known of Eve but the LID.
  for (const [number, addressing] of [
    [BOB, 'pn'],
    [eve, 'lid'],
  ] as const) {
    const { lid } = await phone.contact(number);
    const { waId } = await post(lid.includes('@') ? lid : `${lid}@lid`, 'by lid');
    const [seen] = await phone.messages.waitFor({ to: number, waId });
    expect(seen).toMatchObject({ text: 'by lid', addressing });
  }
});

test('a link that swallows everything never shows sent; the message goes out over the next one', async () => {
  const phone = world.phone();
  await phone.addFault({ kind: 'half_open', session: PHONE });
  const { id, waId } = await post(BOB, 'into the void', '');
  await eventually('handed over', async () => (await get(id)).status === 'sending');
  expect(statuses(await get(id))).not.toContain('sent');
  expect(await phone.messages.list({ waId })).toEqual([]);
  await phone.clearFaults();
  await phone.drop({ session: PHONE });
  await connected(gateway, 'truth');
  await eventually('delivered', async () => (await get(id)).status === 'delivered');
});

test('a question about the recipient without an answer never shows sent', async () => {
  const phone = world.phone();
  const number = '4915550018004';
  await phone.createContact({ number, name: 'Dan' });
  const setPolicy = (checkRecipient: boolean) =>
    gateway.ask('PATCH', '/v1/sessions/truth', { policy: { preset: 'unpaced', checkRecipient } });
  await setPolicy(false);
  const fault = await phone.addFault({ kind: 'drop_query', session: PHONE, xmlns: 'usync' });
  const { id, waId } = await post(number, 'who are you', '');
  await eventually('a try', async () => (await get(id)).hold?.code === 'retry');
  expect(statuses(await get(id))).toEqual(['queued', 'sending']);
  expect(await phone.messages.list({ waId })).toEqual([]);
  await phone.removeFault(fault.id);
  await setPolicy(true);
  await eventually('delivered', async () => (await get(id)).status === 'delivered');
});

test('sent without delivered stays so, and is counted when it lasts', async () => {
  await world.phone().setPolicy(BOB, { delivered: false });
  const { id } = await post(BOB, 'to a phone that is off');
  expect(await get(id)).toMatchObject({ status: 'sent', recipients: [{ deliveredAt: null }] });
  const { body } = await gateway.call<string>('GET', '/metrics');
  expect(body).toMatch(/^sluice_messages_undelivered\{older_than="10m"\} 0$/m);
});

test('a resend after a restart carries what was sent', async () => {
  const phone = world.phone();
  await phone.addFault({ kind: 'corrupt_message', recipient: BOB, count: 1 });
  await phone.setOnline(BOB, false);
  const { id, waId } = await post(BOB, 'again, please');
  await gateway.stop();
  gateway = await world.start();
  await connected(gateway, 'truth');
  // Only now the phone gets it, cannot read it, and asks a gateway that has not sent it in this life.
  await phone.setOnline(BOB, true);
  const [seen] = await phone.messages.waitFor({ to: BOB, waId, device: 0 }, { timeoutMs: 30_000 });
  expect(seen).toMatchObject({ text: 'again, please', displayed: true });
  await eventually('delivered', async () => (await get(id)).status === 'delivered');
});
