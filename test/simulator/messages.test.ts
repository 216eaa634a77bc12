/**
 * One-to-one text in both directions between the real client and simulated phones.
 */
import { openStage, jid, type Stage } from './support/stage.js';
import { bodyOf, received } from './support/client.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test('a text from the client is decrypted by the contact and acknowledged to the client', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  const sent = await client.socket.sendMessage(jid(contact), { text: 'hello' });
  const waId = sent?.key.id ?? '';
  const [seen] = await stage.control.messages.waitFor({ to: contact, waId });
  expect(seen).toMatchObject({
    from: number,
    text: 'hello',
    arrival: 1,
    displayed: true,
    encryption: 'pkmsg',
    copy: false,
  });
  const ack = await client.waitFor('the ack', () => client.acks.find(({ attrs }) => attrs.id === waId));
  expect(ack.attrs).toMatchObject({ from: jid(contact) });
  expect(ack.attrs.error).toBeUndefined();
});

test('the own phone gets a copy that names the conversation', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  await client.socket.sendMessage(jid(contact), { text: 'for both' });
  const [copy] = await stage.control.messages.waitFor({ to: number, copy: true });
  expect(copy).toMatchObject({ from: number, chat: contact, text: 'for both', device: 0 });
});

test('a text from a contact reaches the application and its receipt reaches the contact', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  const waId = await stage.control.sendTo(number, { from: contact, text: 'hi there' });
  const message = await received(client, 'hi there');
  expect(message).toMatchObject({
    upsertType: 'notify',
    pushName: 'Bob',
    key: { id: waId, remoteJid: jid(contact) },
  });
  const [receipt] = await stage.control.receipts.waitFor({ from: number, waId });
  expect(receipt).toMatchObject({ to: contact, type: 'inactive' });
  const [delivery] = await stage.control.deliveries.waitFor({ waId, acknowledged: true });
  expect(delivery).toMatchObject({ sends: 1, retries: 0 });
});

test('a conversation goes on after the first messages, without prekeys', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  await client.socket.sendMessage(jid(contact), { text: 'first' });
  await stage.control.messages.waitFor({ to: contact, text: 'first' });
  await stage.control.sendTo(number, { from: contact, text: 'answer' });
  await received(client, 'answer');
  await client.socket.sendMessage(jid(contact), { text: 'second' });
  const [second] = await stage.control.messages.waitFor({ to: contact, text: 'second' });
  expect(second).toMatchObject({ encryption: 'msg' });
  expect(await stage.control.errors.list({ session: number })).toEqual([]);
});

test('messages keep their order in both directions', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  const texts = Array.from({ length: 30 }, (_, index) => `number ${index}`);
  for (const text of texts) await client.socket.sendMessage(jid(contact), { text });
  const seen = await stage.control.messages.waitFor({ to: contact }, { count: texts.length });
  expect(seen.map(({ text }) => text)).toEqual(texts);
  await stage.control.sendManyTo(
    number,
    texts.map((text) => ({ from: contact, text })),
  );
  const arrived = await client.waitFor('all incoming messages', () => {
    const incoming = client.messages.filter(({ key }) => !key.fromMe && key.remoteJid === jid(contact));
    return incoming.length >= texts.length ? incoming : undefined;
  });
  expect(arrived.map(bodyOf)).toEqual(texts);
});

test('a repeated id is delivered again but displayed once', async () => {
  const { client } = await stage.session();
  const contact = await stage.contact();
  const messageId = '3EB0AAAABBBBCCCCDDDD01';
  await client.socket.sendMessage(jid(contact), { text: 'once' }, { messageId });
  await client.socket.sendMessage(jid(contact), { text: 'once' }, { messageId });
  const seen = await stage.control.messages.waitFor({ to: contact, waId: messageId }, { count: 2 });
  expect(seen.map(({ arrival, displayed }) => [arrival, displayed])).toEqual([
    [1, true],
    [2, false],
  ]);
});

test('an incoming message can carry a given id', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  expect(await stage.control.sendTo(number, { from: contact, text: 'given', waId: 'CHOSEN01' })).toBe(
    'CHOSEN01',
  );
  expect((await received(client, 'given')).key.id).toBe('CHOSEN01');
});

test('a number that nobody created does not exist, and a message to it is flagged', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  const found = await client.socket.onWhatsApp(contact, '4915559999999');
  expect(found).toEqual([{ jid: jid(contact), exists: true }]);
  await client.socket.sendMessage(jid('4915559999999'), { text: 'into the void' });
  const [error] = await stage.control.errors.waitFor({ session: number });
  expect(error).toMatchObject({ kind: 'unknown_recipient' });
});

test('two clients of the simulator write to each other', async () => {
  const ada = await stage.session();
  const eve = await stage.session();
  await ada.client.socket.sendMessage(jid(eve.number), { text: 'from one client' });
  await received(eve.client, 'from one client');
  await eve.client.socket.sendMessage(jid(ada.number), { text: 'to the other' });
  await received(ada.client, 'to the other');
  await ada.client.waitFor('the receipt of the other client', () =>
    ada.client.updates.find(({ update }) => Number(update.status) === 3),
  );
});
