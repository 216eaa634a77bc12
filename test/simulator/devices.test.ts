/**
 * Several clients of one phone, what they know of each other, and what a new one gets of the past.
 */
import { USyncQuery, USyncUser, type BaileysEventMap } from '@whiskeysockets/baileys';
import { openStage, jid, type Stage } from './support/stage.js';
import { opened, pairClient, received, shownQr } from './support/client.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  expect(await stage.control.errors.list()).toEqual([]);
  await stage.close();
});

test('clients of one phone get copies of what the others send, also those that were linked later', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  await client.socket.sendMessage(jid(contact), { text: 'the device list is known now' });
  await stage.control.messages.waitFor({ to: contact });
  const second = await pairClient({ url: stage.simulator.url, control: stage.control, number });
  await stage.control.sendTo(number, { from: contact, text: 'behind the news of the second client' });
  await received(client, 'behind the news of the second client');
  await received(second, 'behind the news of the second client');
  await client.socket.sendMessage(jid(contact), { text: 'from the first client' });
  const copy = await received(second, 'from the first client');
  expect(copy.key).toMatchObject({ fromMe: true, remoteJid: jid(contact) });
  await stage.control.unlink(number, 2);
  await second.closed();
  await stage.control.sendTo(number, { from: contact, text: 'behind the news of its end' });
  await received(client, 'behind the news of its end');
  await client.socket.sendMessage(jid(contact), { text: 'to one device less' });
  await stage.control.messages.waitFor({ to: contact, text: 'to one device less' });
});

test('a login finds its own devices and those of others, with key indexes and LIDs', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact({ companions: 2 });
  const { lid } = await stage.control.contact(contact);
  const query = new USyncQuery().withDeviceProtocol().withLIDProtocol();
  for (const who of [number, contact]) query.withUser(new USyncUser().withId(jid(who)));
  const answer = await client.socket.executeUSyncQuery(query);
  const [own, theirs] = answer?.list ?? [];
  expect(own).toMatchObject({
    id: jid(number),
    devices: { deviceList: [{ id: 0 }, { id: 1, keyIndex: 1 }] },
  });
  expect(theirs).toMatchObject({
    id: jid(contact),
    lid,
    devices: { deviceList: [{ id: 0 }, { id: 1, keyIndex: 1 }, { id: 2, keyIndex: 2 }] },
  });
});

test('what was written before the pairing comes as history, by conversation and newest first', async () => {
  const number = await stage.phone();
  const [bob, eve] = [await stage.contact({ name: 'Bob' }), await stage.contact({ name: 'Eve' })];
  const first = await stage.control.sendTo(number, { from: bob, text: 'from Bob' });
  const second = await stage.control.type(number, { to: bob, text: 'to Bob' });
  const third = await stage.control.sendTo(number, { from: eve, text: 'from Eve' });
  const { id: group } = await stage.control.createGroup({ subject: 'Old', creator: bob, members: [number] });
  const fourth = await stage.control.sendToGroup(group, { from: bob, text: 'to all' });
  const unpaired = stage.client();
  await stage.control.scan(number, await shownQr(unpaired));
  await unpaired.closed();
  const client = stage.client(unpaired.auth);
  const history = new Promise<BaileysEventMap['messaging-history.set']>((resolve) =>
    client.socket.ev.on('messaging-history.set', resolve),
  );
  await opened(client);
  const { chats, messages, contacts } = await history;
  expect(chats.map(({ id }) => id)).toEqual([jid(bob), jid(eve), group]);
  expect(messages.map(({ key }) => [key.id, key.fromMe])).toEqual([
    [second, true],
    [first, false],
    [third, false],
    [fourth, false],
  ]);
  expect(messages[0]?.message?.conversation).toBe('to Bob');
  expect(contacts.find(({ id }) => id === jid(bob))).toMatchObject({ name: 'Bob' });
  // Nothing of it comes a second time as a new message.
  await stage.control.sendTo(number, { from: bob, text: 'new' });
  await received(client, 'new');
  expect(client.messages.filter(({ key }) => [first, third, fourth].includes(key.id ?? ''))).toEqual([]);
});

test('a client that goes away in the middle of its first sync gets it again', async () => {
  const number = await stage.phone();
  const unpaired = stage.client();
  await stage.control.scan(number, await shownQr(unpaired));
  await unpaired.closed();
  const hasty = stage.client(unpaired.auth);
  await hasty.waitFor('the login', () =>
    hasty.connectionUpdates.find(({ receivedPendingNotifications }) => receivedPendingNotifications),
  );
  await hasty.end();
  const contact = await stage.contact();
  await stage.control.sendTo(number, { from: contact, text: 'not held back for 20 s' });
  await received(await opened(stage.client(hasty.auth)), 'not held back for 20 s');
});

test('a rotated signed prekey is checked, kept and used by those who write next', async () => {
  const { number, client } = await stage.session();
  const before = client.auth.creds.signedPreKey.keyId;
  await client.socket.rotateSignedPreKey();
  const device = stage.simulator.world.directory.byNumber(number)?.devices.get(1);
  if (device?.kind !== 'linked') throw new Error('not linked');
  expect(device.registration.signedPreKey.id).toBe(before + 1);
  await client.waitFor('the new key', () => client.auth.creds.signedPreKey.keyId > before || undefined);
  // Without one-time prekeys nothing but the signed one starts the session.
  device.preKeys.length = 0;
  const contact = await stage.contact();
  await stage.control.sendTo(number, { from: contact, text: 'with the new key' });
  await received(client, 'with the new key');
});
