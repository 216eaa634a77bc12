/**
 * Contacts with several devices, new phones, broken ciphertexts; presence, calls, restrictions, business profiles.
 */
import type { PresenceData, WACallEvent } from '@whiskeysockets/baileys';
import { openStage, jid, type Stage } from './support/stage.js';
import { received, type TestClient } from './support/client.js';

let stage: Stage;
let number: string;
let client: TestClient;
beforeAll(async () => {
  stage = await openStage();
  ({ number, client } = await stage.session({ emitOwnEvents: false }));
});
afterAll(() => stage.close());

test('every device of a contact decrypts its own copy', async () => {
  const contact = await stage.contact({ companions: 2 });
  const waId = (await client.socket.sendMessage(jid(contact), { text: 'for all devices' }))?.key.id ?? '';
  const seen = await stage.control.messages.waitFor({ to: contact, waId }, { count: 3 });
  expect(seen.map(({ device }) => device).sort()).toEqual([0, 1, 2]);
  expect(seen.every(({ text, displayed }) => text === 'for all devices' && displayed)).toBe(true);
});

test('a companion that is added later gets messages, and one that is removed does not', async () => {
  const contact = await stage.contact();
  await client.socket.sendMessage(jid(contact), { text: 'one device' });
  await stage.control.messages.waitFor({ to: contact, text: 'one device' });
  const { devices } = await stage.control.addCompanion(contact);
  const added = devices.at(-1)?.id ?? 0;
  await stage.control.sendTo(number, { from: contact, text: 'behind the notification' });
  await received(client, 'behind the notification');
  await client.socket.sendMessage(jid(contact), { text: 'two devices' });
  await stage.control.messages.waitFor({ to: contact, device: added, text: 'two devices' });
  await stage.control.removeCompanion(contact, added);
  await stage.control.sendTo(number, { from: contact, text: 'behind the second' });
  await received(client, 'behind the second');
  await client.socket.sendMessage(jid(contact), { text: 'one again' });
  await stage.control.messages.waitFor({ to: contact, text: 'one again' });
  expect(await stage.control.messages.list({ to: contact, device: added, text: 'one again' })).toEqual([]);
  expect(await stage.control.errors.list({ kind: 'unknown_device' })).toEqual([]);
});

test.each([true, false])(
  'a contact with a new phone (announced: %s) reads the next message',
  async (announce) => {
    const contact = await stage.contact();
    await client.socket.sendMessage(jid(contact), { text: 'old phone' });
    await stage.control.messages.waitFor({ to: contact, text: 'old phone' });
    await stage.control.sendTo(number, { from: contact, text: 'establishes' });
    await received(client, 'establishes');
    await stage.control.reinstall(contact, { announce });
    const waId = (await client.socket.sendMessage(jid(contact), { text: 'new phone' }))?.key.id ?? '';
    const [seen] = await stage.control.messages.waitFor({ to: contact, waId });
    expect(seen).toMatchObject({ text: 'new phone', displayed: true });
    await stage.control.sendTo(number, { from: contact, text: `from the new phone ${String(announce)}` });
    await received(client, `from the new phone ${String(announce)}`);
  },
);

test('a corrupted incoming message is asked for again and arrives once', async () => {
  const contact = await stage.contact();
  const waId = await stage.control.sendTo(number, {
    from: contact,
    text: 'broken on the way',
    corrupt: true,
  });
  const message = await received(client, 'broken on the way');
  expect(message.key.id).toBe(waId);
  const [delivery] = await stage.control.deliveries.waitFor({ waId, acknowledged: true });
  expect(delivery).toMatchObject({ sends: 2, retries: 1 });
});

test('a corrupted outgoing message is asked for again and displayed once', async () => {
  const contact = await stage.contact();
  await stage.control.addFault({ kind: 'corrupt_message', recipient: contact, count: 1 });
  const waId = (await client.socket.sendMessage(jid(contact), { text: 'broken too' }))?.key.id ?? '';
  const [seen] = await stage.control.messages.waitFor({ to: contact, waId });
  expect(seen).toMatchObject({ text: 'broken too', arrival: 1 });
  expect(await stage.control.errors.list({ kind: 'undecryptable', session: number })).not.toEqual([]);
});

test('typing and presence of the client are recorded with their times', async () => {
  const contact = await stage.contact();
  await client.socket.sendPresenceUpdate('composing', jid(contact));
  await client.socket.sendPresenceUpdate('recording', jid(contact));
  await client.socket.sendPresenceUpdate('paused', jid(contact));
  const seen = await stage.control.presences.waitFor({ from: number, to: contact }, { count: 3 });
  expect(seen.map(({ type }) => type)).toEqual(['composing', 'recording', 'paused']);
  expect(Date.parse(seen[0]?.at ?? '')).toBeGreaterThan(Date.now() - 10_000);
});

test('typing and presence of a contact reach the client', async () => {
  const contact = await stage.contact();
  const shown: (PresenceData['lastKnownPresence'] | undefined)[] = [];
  client.socket.ev.on('presence.update', ({ id, presences }) => {
    if (id === jid(contact)) shown.push(presences[id]?.lastKnownPresence);
  });
  const types = ['available', 'composing', 'recording', 'paused', 'unavailable'] as const;
  for (const type of types) await stage.control.showPresence(contact, { to: number, type });
  await stage.control.sendTo(number, { from: contact, text: 'behind the presences' });
  await received(client, 'behind the presences');
  expect(shown).toEqual(['available', 'composing', 'recording', 'available', 'unavailable']);
});

test('typing in a group reaches the client with its author, and is typing only', async () => {
  const [bob, stranger] = [await stage.contact(), await stage.contact()];
  const { lid } = await stage.control.contact(bob);
  const { id } = await stage.control.createGroup({ subject: 'G', creator: bob, members: [number] });
  const shown: string[] = [];
  client.socket.ev.on('presence.update', ({ id: chat, presences }) => {
    if (chat === id)
      shown.push(
        ...Object.entries(presences).map(([who, { lastKnownPresence }]) => `${who} ${lastKnownPresence}`),
      );
  });
  for (const type of ['composing', 'recording', 'paused'] as const)
    await stage.control.showPresence(bob, { to: id, type });
  await stage.control.sendToGroup(id, { from: bob, text: 'behind the typing' });
  await received(client, 'behind the typing');
  expect(shown).toEqual([`${lid} composing`, `${lid} recording`, `${lid} available`]);
  const online = { to: id, type: 'available' } as unknown as { to: string; type: 'composing' };
  await expect(stage.control.showPresence(bob, online)).rejects.toThrow(/invalid_request/);
  await expect(stage.control.showPresence(stranger, { to: id, type: 'composing' })).rejects.toThrow(
    /not_a_member/,
  );
});

test('a call is offered, the client rejects it, the contact hangs up', async () => {
  const contact = await stage.contact();
  const calls: WACallEvent[] = [];
  client.socket.ev.on('call', (events) => calls.push(...events));
  const callId = await stage.control.call(number, { from: contact, video: true });
  await stage.control.sendTo(number, { from: contact, text: 'behind the call' });
  await received(client, 'behind the call');
  expect(calls).toMatchObject([{ id: callId, status: 'offer', isVideo: true, from: jid(contact) }]);
  await client.socket.rejectCall(callId, jid(contact));
  expect(await stage.control.calls.waitFor({ callId })).toMatchObject([
    { from: number, to: contact, event: 'reject' },
  ]);
  await stage.control.call(number, { from: contact, callId, event: 'timeout' });
  await stage.control.sendTo(number, { from: contact, text: 'behind the end' });
  await received(client, 'behind the end');
  expect(calls.at(-1)).toMatchObject({ id: callId, status: 'timeout' });
});

test('under the reach-out time-lock only known contacts can be written to', async () => {
  const [known, stranger] = [await stage.contact(), await stage.contact()];
  await stage.control.sendTo(number, { from: known, text: 'we know each other' });
  await received(client, 'we know each other');
  await stage.control.restrict(number, { timelock: { durationMs: 60_000 } });
  const lock = await client.waitFor('the lock', () =>
    client.connectionUpdates.find((u) => u.reachoutTimeLock?.isActive),
  );
  expect(lock.reachoutTimeLock?.enforcementType).toBe('BIZ_QUALITY');
  expect(await client.socket.fetchAccountReachoutTimelock()).toMatchObject({ isActive: true });
  const refused = (await client.socket.sendMessage(jid(stranger), { text: 'hello stranger' }))?.key.id;
  const ack = await client.waitFor('the refusal', () =>
    client.acks.find(({ attrs }) => attrs.id === refused),
  );
  expect(ack.attrs.error).toBe('463');
  await client.socket.sendMessage(jid(known), { text: 'still fine' });
  await stage.control.messages.waitFor({ to: known, text: 'still fine' });
  await stage.control.restrict(number, { timelock: null });
  expect(await client.socket.fetchAccountReachoutTimelock()).toMatchObject({ isActive: false });
});

test('the cap on new chats can be queried', async () => {
  await stage.control.restrict(number, {
    capping: { capping_status: 'FIRST_WARNING', total_quota: 100, used_quota: 80 },
  });
  expect(await client.socket.fetchNewChatMessageCap()).toMatchObject({
    capping_status: 'FIRST_WARNING',
    used_quota: 80,
  });
});

test('a business shows its profile, a person does not', async () => {
  const business = await stage.contact({
    business: { description: 'Books', email: 'a@b.example', category: 'Shop' },
  });
  expect(await client.socket.getBusinessProfile(jid(business))).toMatchObject({
    description: 'Books',
    email: 'a@b.example',
    category: 'Shop',
  });
  expect(await client.socket.getBusinessProfile(jid(await stage.contact()))).toBeUndefined();
});

test('settings are accepted, kept as patches and nothing is left unanswered', async () => {
  await client.socket.updateReadReceiptsPrivacy('all');
  await client.socket.updateProfileStatus('busy');
  await client.socket.updateDefaultDisappearingMode(86_400);
  const own = jid(number);
  expect(await client.socket.fetchStatus(own)).toMatchObject([{ status: { status: 'busy' } }]);
  expect(await client.socket.fetchDisappearingDuration(own)).toMatchObject([
    { disappearing_mode: { duration: 86_400 } },
  ]);
  await client.waitFor('the first sync', () => client.auth.creds.myAppStateKeyId);
  await client.socket.updateProfileName('Ada L.');
  await client.socket.updateProfileName('Ada Lovelace');
  expect(await client.socket.fetchBlocklist()).toEqual([]);
  await expect(client.socket.profilePictureUrl(jid(number))).rejects.toMatchObject({ data: 404 });
  expect(await stage.control.errors.list({ kind: 'unanswered_query' })).toEqual([]);
});
