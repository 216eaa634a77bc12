/**
 * What a client changes of a group is changed, for it and for everybody else in it; who may not is refused.
 */
import { jidNormalizedUser, proto } from '@whiskeysockets/baileys';
import { bodyOf, type TestClient } from './support/client.js';
import { openGroupStage, type GroupStage } from './support/groupStage.js';
import { jid, type Stage } from './support/stage.js';

let scene: GroupStage;
let stage: Stage;
let number: string;
let client: TestClient;
let other: GroupStage['member'];
beforeAll(async () => {
  scene = await openGroupStage();
  ({ stage, member: other } = scene);
  ({ number, client } = scene.admin);
});
afterAll(() => scene.close());

test.each([
  { setting: 'announcement', field: 'announce', value: true, kind: 'GROUP_CHANGE_ANNOUNCE', parameter: 'on' },
  {
    setting: 'not_announcement',
    field: 'announce',
    value: false,
    kind: 'GROUP_CHANGE_ANNOUNCE',
    parameter: 'off',
  },
  { setting: 'locked', field: 'restrict', value: true, kind: 'GROUP_CHANGE_RESTRICT', parameter: 'on' },
  { setting: 'unlocked', field: 'restrict', value: false, kind: 'GROUP_CHANGE_RESTRICT', parameter: 'off' },
] as const)(
  'the setting $setting holds, and everybody is told',
  async ({ setting, field, value, kind, parameter }) => {
    const { id } = await scene.makeGroup();
    // The opposite first, so that both ways change something.
    const opposite = {
      announcement: 'not_announcement',
      not_announcement: 'announcement',
      locked: 'unlocked',
      unlocked: 'locked',
    } as const;
    await client.socket.groupSettingUpdate(id, opposite[setting]);
    await client.socket.groupSettingUpdate(id, setting);
    expect((await client.socket.groupMetadata(id))[field]).toBe(value);
    expect((await other.client.socket.groupMetadata(id))[field]).toBe(value);
    await scene.told(id, kind, parameter);
  },
);

test('in an announcement group a member writes in vain, an admin does not', async () => {
  const { id, bob } = await scene.makeGroup();
  await client.socket.groupSettingUpdate(id, 'announcement');
  const refused = await other.client.socket.sendMessage(id, { text: 'may I?' });
  const update = await other.client.waitFor('the refusal', () =>
    other.client.updates.find(({ key }) => key.id === refused?.key.id),
  );
  expect(update.update).toMatchObject({
    status: proto.WebMessageInfo.Status.ERROR,
    messageStubParameters: ['403'],
  });
  await client.socket.sendMessage(id, { text: 'hear me' });
  await stage.control.messages.waitFor({ to: bob, chat: id, text: 'hear me' });
  expect(await stage.control.messages.list({ chat: id, text: 'may I?', copy: false })).toEqual([]);
});

test('in a locked group a member changes nothing', async () => {
  const { id } = await scene.makeGroup();
  await other.client.socket.groupUpdateSubject(id, 'By a member');
  expect(await stage.control.group(id)).toMatchObject({ subject: 'By a member' });
  await client.socket.groupSettingUpdate(id, 'locked');
  await expect(other.client.socket.groupUpdateSubject(id, 'Again')).rejects.toThrow('forbidden');
  await expect(other.client.socket.groupToggleEphemeral(id, 86_400)).rejects.toThrow('forbidden');
  await expect(other.client.socket.groupSettingUpdate(id, 'unlocked')).rejects.toThrow('forbidden');
  expect(await stage.control.group(id)).toMatchObject({
    subject: 'By a member',
    isLocked: true,
    ephemeralSeconds: 0,
  });
});

test('a description is written, replaced and taken away', async () => {
  const { id } = await scene.makeGroup();
  await client.socket.groupUpdateDescription(id, 'What we read');
  const first = await other.client.socket.groupMetadata(id);
  expect(first).toMatchObject({
    desc: 'What we read',
    descOwner: jidNormalizedUser(client.auth.creds.me?.lid),
  });
  expect(first.descTime).toBeGreaterThan(1.7e9);
  await client.socket.groupUpdateDescription(id, 'What we have read');
  const second = await other.client.socket.groupMetadata(id);
  expect(second.desc).toBe('What we have read');
  expect(second.descId).not.toBe(first.descId);
  await scene.told(id, 'GROUP_CHANGE_DESCRIPTION', 'What we have read');
  await client.socket.groupUpdateDescription(id);
  expect((await other.client.socket.groupMetadata(id)).desc).toBeUndefined();
});

test('the timer of disappearing messages is set and taken back', async () => {
  const { id } = await scene.makeGroup();
  const timers = (): (number | null | undefined)[] =>
    other.client.messages
      .filter(({ key }) => key.remoteJid === id)
      .flatMap(({ message }) => message?.protocolMessage?.ephemeralExpiration ?? []);
  await client.socket.groupToggleEphemeral(id, 86_400);
  expect((await other.client.socket.groupMetadata(id)).ephemeralDuration).toBe(86_400);
  await client.socket.groupToggleEphemeral(id, 0);
  expect((await other.client.socket.groupMetadata(id)).ephemeralDuration).toBeUndefined();
  await other.client.waitFor('both changes', () => (timers().length === 2 ? true : undefined));
  expect(timers()).toEqual([86_400, 0]);
});

test('who may add members is the admins to decide', async () => {
  const { id } = await scene.makeGroup();
  const [eve, ann] = [await stage.contact(), await stage.contact()];
  expect((await client.socket.groupMetadata(id)).memberAddMode).toBe(true);
  await other.client.socket.groupParticipantsUpdate(id, [jid(eve)], 'add');
  await client.socket.groupMemberAddMode(id, 'admin_add');
  await scene.told(id, 'GROUP_MEMBER_ADD_MODE', 'admin_add');
  expect((await client.socket.groupMetadata(id)).memberAddMode).toBe(false);
  await expect(other.client.socket.groupParticipantsUpdate(id, [jid(ann)], 'add')).rejects.toThrow(
    'forbidden',
  );
  const members = (await stage.control.group(id)).members.map((member) => member.number);
  expect(members).toContain(eve);
  expect(members).not.toContain(ann);
});

test('each person of a change gets an answer of their own', async () => {
  const { id, bob } = await scene.makeGroup();
  const eve = await stage.contact();
  const added = await client.socket.groupParticipantsUpdate(
    id,
    [jid(eve), jid(bob), jid('4915559999999')],
    'add',
  );
  expect(added.map(({ status }) => status)).toEqual(['200', '409', '404']);
  const removed = await client.socket.groupParticipantsUpdate(
    id,
    [jid(eve), jid(await stage.contact())],
    'remove',
  );
  expect(removed.map(({ status }) => status)).toEqual(['200', '404']);
});

test('roles are given and taken by admins alone', async () => {
  const { id, bob } = await scene.makeGroup();
  const roleOf = async (who: string): Promise<string | undefined> =>
    (await stage.control.group(id)).members.find((member) => member.number === who)?.role;
  await expect(other.client.socket.groupParticipantsUpdate(id, [jid(bob)], 'promote')).rejects.toThrow(
    'forbidden',
  );
  await client.socket.groupParticipantsUpdate(id, [jid(other.number)], 'promote');
  expect(await roleOf(other.number)).toBe('admin');
  await other.client.socket.groupParticipantsUpdate(id, [jid(bob)], 'promote');
  await other.client.socket.groupParticipantsUpdate(id, [jid(bob)], 'demote');
  expect(await roleOf(bob)).toBe('member');
  await other.client.socket.groupLeave(id);
  expect(await roleOf(other.number)).toBeUndefined();
  await expect(other.client.socket.groupMetadata(id)).rejects.toThrow('forbidden');
});

test('a contact changes a group, and the client is told', async () => {
  const bob = await stage.contact();
  const { id } = await stage.control.createGroup({
    subject: 'Set by others',
    creator: bob,
    members: [number],
  });
  const settings = {
    description: 'New',
    isAnnouncement: true,
    isLocked: true,
    membersAdd: false,
    approvesJoining: true,
  };
  expect(
    await stage.control.setGroup(id, { actor: bob, ...settings, ephemeralSeconds: 604_800 }),
  ).toMatchObject({
    ...settings,
    ephemeralSeconds: 604_800,
  });
  expect(await client.socket.groupMetadata(id)).toMatchObject({
    desc: 'New',
    announce: true,
    restrict: true,
    memberAddMode: false,
    joinApprovalMode: true,
    ephemeralDuration: 604_800,
  });
  await expect(stage.control.setGroup(id, { actor: await stage.contact() })).rejects.toThrow(/not_a_member/);
});

test('a contact who is no admin is kept from what only admins do', async () => {
  const [bob, eve] = [await stage.contact(), await stage.contact()];
  const { id } = await stage.control.createGroup({ subject: 'Theirs', creator: bob, members: [eve, number] });
  await stage.control.setGroup(id, { actor: eve, ephemeralSeconds: 86_400, description: 'By a member' });
  await expect(stage.control.setGroup(id, { actor: eve, membersAdd: false })).rejects.toThrow(/admins_only/);
  await stage.control.setGroup(id, { actor: bob, isLocked: true, isAnnouncement: true });
  await expect(stage.control.setGroup(id, { actor: eve, description: 'Again' })).rejects.toThrow(
    /admins_only/,
  );
  await expect(stage.control.renameGroup(id, { actor: eve, subject: 'Mine' })).rejects.toThrow(/admins_only/);
  await expect(stage.control.sendToGroup(id, { from: eve, text: 'may I?' })).rejects.toThrow(/admins_only/);
  await stage.control.sendToGroup(id, { from: bob, text: 'I may' });
  await client.waitFor('the admin', () => client.messages.find((message) => bodyOf(message) === 'I may'));
});
