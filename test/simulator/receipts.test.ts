/**
 * Receipts and retry receipts, with the real client on one side.
 */
import { proto, type BinaryNode } from '@whiskeysockets/baileys';
import { openStage, jid, type Stage } from './support/stage.js';
import { pairClient, received, type TestClient } from './support/client.js';

const { Status } = proto.WebMessageInfo;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const statusOf = (client: TestClient, waId: string, status: number): Promise<unknown> =>
  client.waitFor(`status ${status} of ${waId}`, () =>
    client.updates.find(({ key, update }) => key.id === waId && Number(update.status) === status),
  );

/** `emitOwnEvents: false`: otherwise rc14 may swallow a receipt into the client's own upsert. */
const quiet = { emitOwnEvents: false };

test('a contact sends delivered by itself and read only when told', async () => {
  const { number, client } = await stage.session(quiet);
  const contact = await stage.contact();
  const waId = (await client.socket.sendMessage(jid(contact), { text: 'tick' }))?.key.id ?? '';
  await statusOf(client, waId, Status.DELIVERY_ACK);
  expect(client.updates.some(({ update }) => update.status === Status.READ)).toBe(false);
  await stage.control.sendReceipt({ from: contact, to: number, waIds: [waId], type: 'read' });
  await statusOf(client, waId, Status.READ);
});

test('a policy decides which receipts a contact sends', async () => {
  const { client } = await stage.session(quiet);
  const reader = await stage.contact({ policy: { read: true } });
  const silent = await stage.contact();
  await stage.control.setPolicy(silent, { delivered: false });
  const first = (await client.socket.sendMessage(jid(silent), { text: 'no tick' }))?.key.id ?? '';
  const second = (await client.socket.sendMessage(jid(reader), { text: 'ticks' }))?.key.id ?? '';
  await statusOf(client, second, Status.READ);
  expect(client.updates.some(({ key }) => key.id === first)).toBe(false);
});

test('one receipt can be for many messages', async () => {
  const { number, client } = await stage.session(quiet);
  const contact = await stage.contact({ policy: { delivered: false } });
  const waIds: string[] = [];
  for (const text of ['a', 'b', 'c']) {
    waIds.push((await client.socket.sendMessage(jid(contact), { text }))?.key.id ?? '');
  }
  await stage.control.sendReceipt({ from: contact, to: number, waIds, type: 'read' });
  await Promise.all(waIds.map((waId) => statusOf(client, waId, Status.READ)));
});

test('receipts for a client that was away wait for it', async () => {
  const { number, client } = await stage.session(quiet);
  const contact = await stage.contact({ policy: { delivered: false } });
  const waId = (await client.socket.sendMessage(jid(contact), { text: 'later' }))?.key.id ?? '';
  await stage.control.messages.waitFor({ to: contact, waId });
  await client.end();
  await stage.control.sendReceipt({ from: contact, to: number, waIds: [waId], type: 'read' });
  const again = await stage.reconnect(client, quiet);
  await statusOf(again, waId, Status.READ);
});

test('the client marks messages as read and the contact sees it', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  await stage.control.sendTo(number, { from: contact, text: 'read me' });
  const { key } = await received(client, 'read me');
  await client.socket.readMessages([key]);
  const [receipt] = await stage.control.receipts.waitFor({ from: number, type: 'read' });
  expect(receipt).toMatchObject({ to: contact, waIds: [key.id] });
});

const readByPhone = async (client: TestClient, waId: string): Promise<BinaryNode> => {
  const receipts = ownReceipts.get(client) ?? [];
  return client.waitFor(`the news that ${waId} was read`, () =>
    receipts.find(({ attrs }) => attrs.id === waId),
  );
};
/** Stanzas that say what the own account's other devices have read. */
const ownReceipts = new Map<TestClient, BinaryNode[]>();
function watchOwnReceipts(client: TestClient, number: string): void {
  const seen: BinaryNode[] = [];
  ownReceipts.set(client, seen);
  client.socket.ws.on('CB:receipt', (receipt: BinaryNode) => {
    if ((receipt.attrs.participant ?? receipt.attrs.from)?.startsWith(number)) seen.push(receipt);
  });
}

test('what is read on the own phone is read for the client too, with a word to the sender', async () => {
  const { number, client } = await stage.session(quiet);
  const contact = await stage.contact();
  watchOwnReceipts(client, number);
  const [first, second] = await stage.control.sendManyTo(number, [
    { from: contact, text: 'one' },
    { from: contact, text: 'two' },
  ]);
  await received(client, 'two');
  expect(await stage.control.read(number, contact)).toBe(2);
  const receipt = await readByPhone(client, first ?? '');
  expect(receipt.attrs).toMatchObject({ from: jid(number), recipient: jid(contact), type: 'read' });
  // Incoming messages: the client's own unread count is what changes.
  await client.waitFor('both as read', () =>
    [first, second].every((waId) =>
      client.updates.some(
        ({ key, update }) => key.id === waId && key.fromMe === false && update.status === Status.READ,
      ),
    )
      ? true
      : undefined,
  );
});

test('who keeps read receipts to themselves reads silently: read-self, and the sender sees nothing', async () => {
  const { number, client } = await stage.session(quiet);
  const contact = await stage.contact();
  watchOwnReceipts(client, number);
  await client.socket.updateReadReceiptsPrivacy('none');
  const waId = await stage.control.sendTo(number, { from: contact, text: 'psst' });
  const { key } = await received(client, 'psst');
  expect(await stage.control.read(number, contact)).toBe(1);
  expect((await readByPhone(client, waId)).attrs).toMatchObject({
    type: 'read-self',
    recipient: jid(contact),
  });
  expect(await stage.control.read(number, contact)).toBe(0);
  // What the client itself reads is as silent. It asks for its settings once for each connection.
  const again = await stage.reconnect(client, quiet);
  const next = await stage.control.sendTo(number, { from: contact, text: 'psst again' });
  await received(again, 'psst again');
  await again.socket.readMessages([{ ...key, id: next }]);
  const [receipt] = await stage.control.receipts.waitFor({ from: number, type: 'read-self' });
  expect(receipt).toMatchObject({ to: contact, waIds: [next] });
  expect(await stage.control.read(number, contact)).toBe(0);
});

test('in a group, and from one client of a phone to the other', async () => {
  const { number, client } = await stage.session(quiet);
  const contact = await stage.contact();
  const { lid } = await stage.control.contact(contact);
  const other = await pairClient({ url: stage.simulator.url, control: stage.control, number }, quiet);
  const own = (await stage.control.phone(number)).lid.split('@')[0] ?? '';
  watchOwnReceipts(client, own);
  const { id } = await stage.control.createGroup({ subject: 'G', creator: contact, members: [number] });
  const waId = await stage.control.sendToGroup(id, { from: contact, text: 'to all' });
  const { key } = await received(other, 'to all');
  await received(client, 'to all');
  await other.socket.readMessages([key]);
  expect((await readByPhone(client, waId)).attrs).toMatchObject({
    from: id,
    participant: `${own}:2@lid`,
    recipient: lid,
    type: 'read',
  });
});

test('played receipts go both ways', async () => {
  const { number, client } = await stage.session(quiet);
  const contact = await stage.contact();
  const waId = (await client.socket.sendMessage(jid(contact), { text: 'a voice note' }))?.key.id ?? '';
  await statusOf(client, waId, Status.DELIVERY_ACK);
  await stage.control.sendReceipt({ from: contact, to: number, waIds: [waId], type: 'played' });
  await statusOf(client, waId, Status.PLAYED);
  await stage.control.sendTo(number, { from: contact, text: 'another one' });
  const { key } = await received(client, 'another one');
  await client.socket.sendReceipt(jid(contact), undefined, [key.id ?? ''], 'played');
  const [receipt] = await stage.control.receipts.waitFor({ from: number, type: 'played' });
  expect(receipt).toMatchObject({ to: contact, waIds: [key.id] });
});

test('a contact that cannot decrypt asks again and then reads the message under the same id', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  await client.socket.sendMessage(jid(contact), { text: 'before' });
  await stage.control.messages.waitFor({ to: contact, text: 'before' });
  await stage.control.sendTo(number, { from: contact, text: 'answer' });
  await received(client, 'answer');
  // The contact loses its Signal session, so that the next message cannot be read.
  const phone = stage.simulator.world.directory.byNumber(contact)?.devices.get(0);
  const own = stage.simulator.world.directory.byNumber(number);
  if (phone?.kind !== 'simulated' || !own) throw new Error('no phone');
  phone.signal.dropSession(`${own.lid}:1`);
  const waId = (await client.socket.sendMessage(jid(contact), { text: 'unreadable at first' }))?.key.id ?? '';
  const [seen] = await stage.control.messages.waitFor({ to: contact, waId });
  expect(seen).toMatchObject({ text: 'unreadable at first', displayed: true });
  expect(await stage.control.errors.list({ session: number })).toMatchObject([{ kind: 'undecryptable' }]);
});

test('a client that cannot decrypt asks again and then gets the message under the same id', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  await stage.control.sendTo(number, { from: contact, text: 'before' });
  await received(client, 'before');
  const { lid } = await stage.control.contact(contact);
  await client.auth.keys.set({ session: { [`${lid.replace('@lid', '')}_1.0`]: null } });
  // The contact's side of the session is established, so its next message is no prekey message.
  await client.socket.sendMessage(jid(contact), { text: 'establishes' });
  await stage.control.messages.waitFor({ to: contact, text: 'establishes' });
  await client.auth.keys.set({ session: { [`${lid.replace('@lid', '')}_1.0`]: null } });
  const waId = await stage.control.sendTo(number, { from: contact, text: 'again please' });
  const message = await received(client, 'again please');
  expect(message.key.id).toBe(waId);
  const [delivery] = await stage.control.deliveries.waitFor({ waId, acknowledged: true });
  expect(delivery).toMatchObject({ retries: 1 });
});

test('the server acknowledges receipts of the client', async () => {
  const { number, client } = await stage.session();
  const acks: BinaryNode[] = [];
  client.socket.ws.on('CB:ack,class:receipt', (ack: BinaryNode) => acks.push(ack));
  const contact = await stage.contact();
  const waId = await stage.control.sendTo(number, { from: contact, text: 'ack me' });
  await stage.control.receipts.waitFor({ from: number, waId });
  await client.waitFor('the ack of the receipt', () => acks.find(({ attrs }) => attrs.id === waId));
});
