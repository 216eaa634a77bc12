/**
 * One-to-one text in both directions between the real client and simulated phones.
 */
import { openStage, jid, type Stage } from './support/stage.js';
import { received } from './support/client.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test('a text from the client is decrypted by the contact and acknowledged to the client', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  const sent = await client.socket.sendMessage(jid(contact), { text: 'hello' });
  const [seen] = await stage.control.messages.waitFor({ to: contact, waId: sent?.key.id ?? '' });
  expect(seen).toMatchObject({
    from: number,
    text: 'hello',
    arrival: 1,
    displayed: true,
    encryption: 'pkmsg',
    copy: false,
  });
  const ack = await client.waitFor('the ack', () =>
    client.acks.find(({ attrs }) => attrs.id === sent?.key.id),
  );
  expect(ack.attrs.error).toBeUndefined();
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
