/**
 * Groups with sender keys, by number and by LID.
 */
import { decryptPollVote, jidNormalizedUser, type GroupMetadata } from '@whiskeysockets/baileys';
import { jid, openStage, type Stage } from './support/stage.js';
import { received, type TestClient } from './support/client.js';

let stage: Stage;
let number: string;
let client: TestClient;
beforeAll(async () => {
  stage = await openStage();
  ({ number, client } = await stage.session({ emitOwnEvents: false }));
});
afterAll(() => stage.close());

async function makeGroup(addressing: 'pn' | 'lid'): Promise<{ id: string; bob: string; eve: string }> {
  const [bob, eve] = [await stage.contact({ companions: 1 }), await stage.contact()];
  const { id } = await stage.control.createGroup({
    subject: 'Readers',
    creator: bob,
    members: [eve, number],
    addressing,
  });
  return { id, bob, eve };
}

test.each(['pn', 'lid'] as const)(
  'a message to a group (%s) is read by every device of every member',
  async (addressing) => {
    const { id, bob, eve } = await makeGroup(addressing);
    for (const text of ['first with the key', 'second without']) {
      await client.socket.sendMessage(id, { text });
      const seen = await stage.control.messages.waitFor({ chat: id, text, copy: false }, { count: 3 });
      expect(seen.map(({ to, device }) => `${to}:${device}`).sort()).toEqual(
        [`${bob}:0`, `${bob}:1`, `${eve}:0`].sort(),
      );
      expect(seen.every(({ encryption }) => encryption === 'skmsg')).toBe(true);
    }
    expect(await stage.control.errors.list()).toEqual([]);
  },
);

test.each(['pn', 'lid'] as const)(
  'messages in a group (%s) reach the client with their author',
  async (addressing) => {
    const { id, bob, eve } = await makeGroup(addressing);
    const { lid } = await stage.control.contact(eve);
    await stage.control.sendToGroup(id, { from: eve, text: `${addressing} one` });
    await stage.control.sendToGroup(id, { from: eve, text: `${addressing} two` });
    await stage.control.sendToGroup(id, { from: bob, text: `${addressing} three` });
    const { key } = await received(client, `${addressing} two`);
    const [author, other] = addressing === 'lid' ? [lid, jid(eve)] : [jid(eve), lid];
    expect(key).toMatchObject({ remoteJid: id, participant: author, participantAlt: other, fromMe: false });
    await received(client, `${addressing} three`);
    await stage.control.deliveries.waitFor({ to: number, acknowledged: true });
  },
);

test('metadata, members and their roles', async () => {
  const { id, bob } = await makeGroup('lid');
  const metadata: GroupMetadata = await client.socket.groupMetadata(id);
  expect(metadata).toMatchObject({ subject: 'Readers', addressingMode: 'lid', size: 3 });
  expect(metadata.participants.find(({ phoneNumber }) => phoneNumber === jid(bob))?.admin).toBe('superadmin');
  expect(Object.keys(await client.socket.groupFetchAllParticipating())).toContain(id);
  await expect(client.socket.groupMetadata('120363000000000000@g.us')).rejects.toThrow();
});

test('a removed member reads nothing more, an added one does', async () => {
  const { id, bob, eve } = await makeGroup('lid');
  const late = await stage.contact();
  await client.socket.sendMessage(id, { text: 'with eve' });
  await stage.control.messages.waitFor({ to: eve, text: 'with eve' });
  await stage.control.changeGroup(id, { actor: bob, action: 'remove', members: [eve] });
  await stage.control.changeGroup(id, { actor: bob, action: 'add', members: [late] });
  await client.socket.sendMessage(id, { text: 'without eve' });
  await stage.control.messages.waitFor({ to: late, text: 'without eve' });
  expect(await stage.control.messages.list({ to: eve, text: 'without eve' })).toEqual([]);
});

test('the client makes a group, changes it and leaves it', async () => {
  const [bob, eve] = [await stage.contact(), await stage.contact()];
  const { id } = await client.socket.groupCreate('Walkers', [jid(bob)]);
  await client.socket.groupParticipantsUpdate(id, [jid(eve)], 'add');
  await client.socket.groupParticipantsUpdate(id, [jid(bob)], 'promote');
  await client.socket.groupUpdateSubject(id, 'Runners');
  const group = await stage.control.group(id);
  expect(group).toMatchObject({ subject: 'Runners' });
  expect(Object.fromEntries(group.members.map(({ number: who, role }) => [who, role]))).toEqual({
    [number]: 'superadmin',
    [bob]: 'admin',
    [eve]: 'member',
  });
  await client.socket.groupLeave(id);
  expect((await stage.control.group(id)).members).toHaveLength(2);
});

test.each(['pn', 'lid'] as const)(
  'a poll of the client in a group (%s): every vote can be decrypted by it',
  async (addressing) => {
    const { id, bob, eve } = await makeGroup(addressing);
    const poll = await client.socket.sendMessage(id, { poll: { name: 'Where?', values: ['here', 'there'] } });
    const pollId = poll?.key.id ?? '';
    await stage.control.messages.waitFor({ chat: id, waId: pollId, copy: false }, { count: 3 });
    const { me } = client.auth.creds;
    for (const voter of [bob, eve]) {
      const content = { kind: 'vote' as const, waId: pollId, options: ['there'] };
      const waId = await stage.control.sendToGroup(id, { from: voter, content });
      const { message } = await client.waitFor('the vote', () =>
        client.messages.find(({ key }) => key.id === waId),
      );
      const { lid } = await stage.control.contact(voter);
      const vote = decryptPollVote(message?.pollUpdateMessage?.vote ?? {}, {
        pollCreatorJid: jidNormalizedUser(addressing === 'lid' ? me?.lid : me?.id),
        pollMsgId: pollId,
        pollEncKey: poll?.message?.messageContextInfo?.messageSecret ?? new Uint8Array(),
        voterJid: addressing === 'lid' ? lid : jid(voter),
      });
      expect(vote.selectedOptions).toHaveLength(1);
    }
  },
);

test('a member renames the group, and somebody who is none cannot', async () => {
  const { id, eve } = await makeGroup('lid');
  const subjects: (string | undefined)[] = [];
  client.socket.ev.on('groups.update', (updates) => {
    subjects.push(...updates.filter((update) => update.id === id).map(({ subject }) => subject));
  });
  expect(await stage.control.renameGroup(id, { actor: eve, subject: 'Writers' })).toMatchObject({
    subject: 'Writers',
  });
  await stage.control.sendToGroup(id, { from: eve, text: 'behind the new name' });
  await received(client, 'behind the new name');
  expect(subjects).toEqual(['Writers']);
  expect((await client.socket.groupMetadata(id)).subject).toBe('Writers');
  const stranger = await stage.contact();
  await expect(stage.control.renameGroup(id, { actor: stranger, subject: 'Mine' })).rejects.toThrow(
    /not_a_member/,
  );
});

test.each(['pn', 'lid'] as const)(
  'whoever is mentioned in a group (%s) stands in the text as the group addresses them',
  async (addressing) => {
    const { id, bob } = await makeGroup(addressing);
    const content = { kind: 'text' as const, text: `@${number} come ${addressing}`, mentions: [number] };
    const waId = await stage.control.sendToGroup(id, { from: bob, content });
    const { message } = await client.waitFor('the message', () =>
      client.messages.find(({ key }) => key.id === waId),
    );
    const { me } = client.auth.creds;
    const own = jidNormalizedUser(addressing === 'lid' ? me?.lid : me?.id);
    expect(message?.extendedTextMessage).toMatchObject({
      text: `@${own.split('@')[0] ?? ''} come ${addressing}`,
      contextInfo: { mentionedJid: [own] },
    });
  },
);

test('what the own phone writes in a group comes as sent by the session', async () => {
  const { id, bob } = await makeGroup('lid');
  const waId = await stage.control.sendToGroup(id, { from: number, text: 'typed in the group' });
  const { key } = await received(client, 'typed in the group');
  expect(key).toMatchObject({ id: waId, fromMe: true, remoteJid: id });
  const [seen] = await stage.control.messages.waitFor({ to: bob, waId });
  expect(seen).toMatchObject({ from: number, chat: id });
});

test('a client that cannot read a group message asks again and gets it with the key', async () => {
  const { id, bob } = await makeGroup('lid');
  await stage.control.sendToGroup(id, { from: bob, text: 'the key comes with this' });
  await received(client, 'the key comes with this');
  const { lid } = await stage.control.contact(bob);
  await client.auth.keys.set({ 'sender-key': { [`${id}::${lid.replace('@lid', '')}_1::0`]: null } });
  const waId = await stage.control.sendToGroup(id, { from: bob, text: 'unreadable at first' });
  expect((await received(client, 'unreadable at first')).key.id).toBe(waId);
  expect(await stage.control.deliveries.waitFor({ waId, acknowledged: true })).toMatchObject([
    { retries: 1 },
  ]);
});
