/**
 * The ways into a group: its link, an admin's word, an invitation to one person; and groups that belong to a community.
 */
import { proto } from '@whiskeysockets/baileys';
import baileysLogger from '@whiskeysockets/baileys/lib/Utils/logger.js';
import type { TestClient } from './support/client.js';
import { openGroupStage, type GroupStage } from './support/groupStage.js';
import { jid, type Stage } from './support/stage.js';

// The client's functions for communities write to it what they read.
baileysLogger.level = 'silent';

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

test('a link tells what it leads to, lets people in, and is void once revoked', async () => {
  const { id } = await client.socket.groupCreate('By link', [jid(await stage.contact())]);
  const code = (await client.socket.groupInviteCode(id)) ?? '';
  expect(code).toMatch(/^\w{22}$/);
  expect(await other.client.socket.groupGetInviteInfo(code)).toMatchObject({
    id,
    subject: 'By link',
    size: 2,
  });
  expect(await other.client.socket.groupAcceptInvite(code)).toBe(id);
  await expect(other.client.socket.groupAcceptInvite(code)).rejects.toThrow('conflict');
  expect((await other.client.socket.groupMetadata(id)).size).toBe(3);
  const next = await client.socket.groupRevokeInvite(id);
  expect(next).not.toBe(code);
  await scene.told(id, 'GROUP_CHANGE_INVITE_LINK', next ?? '');
  const late = await stage.contact();
  await expect(other.client.socket.groupGetInviteInfo(code)).rejects.toThrow('gone');
  await expect(other.client.socket.groupAcceptInvite('nobodysLink')).rejects.toThrow('not-acceptable');
  await expect(stage.control.joinGroup({ number: late, code })).rejects.toThrow(/gone/);
  expect(await stage.control.joinGroup({ number: late, code: next ?? '' })).toEqual({ state: 'joined' });
  await expect(other.client.socket.groupInviteCode(id)).rejects.toThrow('forbidden');
});

test('whoever comes by link waits for an admin, when admins have asked for that', async () => {
  const { id } = await scene.makeGroup();
  const [eve, ann] = [await stage.contact(), await stage.contact()];
  await client.socket.groupJoinApprovalMode(id, 'on');
  await scene.told(id, 'GROUP_MEMBERSHIP_JOIN_APPROVAL_MODE', 'on');
  expect((await client.socket.groupMetadata(id)).joinApprovalMode).toBe(true);
  const { inviteCode: code } = await stage.control.group(id);
  for (const person of [eve, ann]) {
    expect(await stage.control.joinGroup({ number: person, code })).toEqual({ state: 'requested' });
  }
  await scene.told(id, 'GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST_NON_ADMIN_ADD', 'invite_link');
  const asked = await client.socket.groupRequestParticipantsList(id);
  expect(asked.map(({ phone_number, request_method }) => [phone_number, request_method])).toEqual([
    [jid(eve), 'invite_link'],
    [jid(ann), 'invite_link'],
  ]);
  await expect(other.client.socket.groupRequestParticipantsList(id)).rejects.toThrow('forbidden');
  const [eveJid = '', annJid = ''] = asked.map((request) => request.jid ?? '');
  expect(await client.socket.groupRequestParticipantsUpdate(id, [eveJid], 'approve')).toEqual([
    { status: '200', jid: eveJid },
  ]);
  await client.socket.groupRequestParticipantsUpdate(id, [annJid], 'reject');
  await scene.told(id, 'GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST_NON_ADMIN_ADD', 'rejected');
  expect(await client.socket.groupRequestParticipantsUpdate(id, [annJid], 'approve')).toEqual([
    { status: '404', jid: annJid },
  ]);
  expect(await client.socket.groupRequestParticipantsList(id)).toEqual([]);
  const members = (await stage.control.group(id)).members.map((member) => member.number);
  expect(members).toContain(eve);
  expect(members).not.toContain(ann);
  await client.socket.groupJoinApprovalMode(id, 'off');
  expect((await client.socket.groupMetadata(id)).joinApprovalMode).toBe(false);
});

test('somebody who lets not everybody add them is invited, and comes with the invitation alone', async () => {
  await other.client.socket.updateGroupsAddPrivacy('contacts');
  const { id, subject } = await client.socket.groupCreate('By invitation', [jid(await stage.contact())]);
  const invite = async (): Promise<{ code: string; expiration: number }> => {
    const [answer] = await client.socket.groupParticipantsUpdate(id, [jid(other.number)], 'add');
    const [request] = Array.isArray(answer?.content.content) ? answer.content.content : [];
    expect(answer?.status).toBe('403');
    return { code: request?.attrs.code ?? '', expiration: Number(request?.attrs.expiration) };
  };
  const accept = ({ code, expiration }: { code: string; expiration: number }): Promise<unknown> =>
    other.client.socket.groupAcceptInviteV4(
      jid(number),
      proto.Message.GroupInviteMessage.fromObject({
        groupJid: id,
        groupName: subject,
        inviteCode: code,
        inviteExpiration: expiration,
      }),
    );
  const first = await invite();
  await client.socket.groupRevokeInviteV4(id, jid(other.number));
  await expect(accept(first)).rejects.toThrow('gone');
  const second = await invite();
  await expect(accept(first)).rejects.toThrow('gone');
  expect(await accept(second)).toBe(id);
  expect((await other.client.socket.groupMetadata(id)).size).toBe(3);
  await other.client.socket.updateGroupsAddPrivacy('all');
});

test('a community has groups, which come and go', async () => {
  const community = await client.socket.communityCreate('All of us', 'Everybody');
  const home = community?.id ?? '';
  expect(community).toMatchObject({
    subject: 'All of us',
    desc: 'Everybody',
    isCommunity: true,
    joinApprovalMode: true,
  });
  const part = await client.socket.communityCreateGroup('Some of us', [jid(await stage.contact())], home);
  const { id: linked } = await client.socket.groupCreate('Others of us', [jid(await stage.contact())]);
  await client.socket.communityLinkGroup(linked, home);
  const { linkedGroups } = await client.socket.communityFetchLinkedGroups(linked);
  expect(linkedGroups.map(({ id }) => id).sort()).toEqual([part?.id, linked].sort());
  await client.socket.communityUnlinkGroup(linked, home);
  expect(await client.socket.communityFetchLinkedGroups(home)).toMatchObject({
    isCommunity: true,
    linkedGroups: [{ id: part?.id, subject: 'Some of us' }],
  });
  await client.socket.communityLeave(home);
  expect((await stage.control.group(home)).members).toEqual([]);
});

test('a community is read, described, found by its link and joined by those who are let in', async () => {
  const { socket } = client;
  const home = (await socket.communityCreate('All of us', 'Everybody'))?.id ?? '';
  expect(await socket.communityMetadata(home)).toMatchObject({
    id: home,
    subject: 'All of us',
    desc: 'Everybody',
    isCommunity: true,
    joinApprovalMode: true,
  });
  await socket.communityUpdateSubject(home, 'Us');
  await socket.communityUpdateDescription(home, 'Nearly everybody');
  await socket.communityUpdateDescription(home, 'Everybody again');
  await socket.communityToggleEphemeral(home, 86_400);
  await socket.communitySettingUpdate(home, 'announcement');
  await socket.communityMemberAddMode(home, 'admin_add');
  const changed = {
    ...{ id: home, subject: 'Us', desc: 'Everybody again', announce: true, memberAddMode: false },
    ephemeralDuration: 86_400,
  };
  expect(await socket.communityFetchAllParticipating()).toEqual({
    [home]: expect.objectContaining(changed) as unknown,
  });
  const code = (await socket.communityInviteCode(home)) ?? '';
  expect(await other.client.socket.communityGetInviteInfo(code)).toMatchObject(changed);
  expect(await other.client.socket.communityAcceptInvite(code)).toBeUndefined();
  const [waiting] = await socket.communityRequestParticipantsList(home);
  expect(
    await socket.communityRequestParticipantsUpdate(home, [waiting?.jid ?? ''], 'approve'),
  ).toMatchObject([{ status: '200' }]);
  expect(await socket.communityParticipantsUpdate(home, [jid(other.number)], 'remove')).toMatchObject([
    { status: '200' },
  ]);
  await socket.communityJoinApprovalMode(home, 'off');
  const next = (await socket.communityRevokeInvite(home)) ?? '';
  await expect(other.client.socket.communityAcceptInvite(code)).rejects.toThrow('gone');
  expect(await other.client.socket.communityAcceptInvite(next)).toBe(home);
});
