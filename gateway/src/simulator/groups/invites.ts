/**
 * Ways into a group beside being added: its link, an invitation to one person, and the requests that admins decide on.
 */
import { jidOf } from '../directory/address.js';
import type { Account } from '../directory/directory.js';
import type { QueryAnswer } from '../queries/query.js';
import { allChildren, childrenOf, node, type BinaryNode } from '../wire/nodes.js';
import type { World } from '../world.js';
import { isAdmin, newInviteCode, nowSeconds, type Group, type JoinRequest } from './groups.js';
import { announce, changeMembers, type Scene } from './membership.js';
import { metadataNodes, participantNode } from './nodes.js';

/** What the real server says of a link that never was, and of one that was revoked. */
const NO_SUCH_LINK = { code: 406, text: 'not-acceptable' };
const LINK_IS_GONE = { code: 410, text: 'gone' };
const ALREADY_IN = { code: 409, text: 'conflict' };
const NOT_FOUND = { code: 404, text: 'item-not-found' };

const PERSONAL_INVITE_S = 3 * 24 * 3600;

export function revokeLink(scene: Scene): void {
  const { group } = scene;
  group.revokedCodes.push(group.inviteCode);
  group.inviteCode = newInviteCode();
  announce(scene, node('invite', { code: group.inviteCode }));
}

const groupWithCode = (world: World, code: string): Group | undefined =>
  world.groups.all().find(({ inviteCode }) => inviteCode === code);

const refusalOf = (world: World, code: string): typeof NO_SUCH_LINK =>
  world.groups.all().some(({ revokedCodes }) => revokedCodes.includes(code)) ? LINK_IS_GONE : NO_SUCH_LINK;

/** What a link leads to, for somebody who is not in it yet. */
export function describeLink(world: World, code: string): QueryAnswer {
  const group = groupWithCode(world, code);
  return group ? metadataNodes(world.directory, group) : refusalOf(world, code);
}

/** Puts somebody among those who wait; the clients of members are told, as the real server tells them. */
export function requestToJoin(
  { world, group, actor }: Scene,
  account: Account,
  method: JoinRequest['method'],
): void {
  if (group.requests.some(({ number }) => number === account.number)) return;
  group.requests.push({ number: account.number, method, at: nowSeconds() });
  const asked = node('created_membership_requests', { request_method: method }, [
    participantNode(group, account),
  ]);
  announce({ world, group, actor }, asked);
}

/** Somebody follows a link: they are in, or wait for an admin. */
export function joinByLink(world: World, account: Account, code: string): QueryAnswer {
  const group = groupWithCode(world, code);
  if (!group) return refusalOf(world, code);
  if (group.members.has(account.number)) return ALREADY_IN;
  const scene = { world, group, actor: account };
  if (group.approvesJoining) {
    requestToJoin(scene, account, 'invite_link');
    return [node('membership_approval_request', { jid: group.id })];
  }
  changeMembers(scene, 'add', [account]);
  const joined = node('group', { jid: group.id });
  return group.isCommunity ? [joined, { ...joined, tag: 'community' }] : [joined];
}

/** Those who wait, as an admin's client reads them. */
export function listRequests({ world, group }: Scene): QueryAnswer {
  const waiting = group.requests.flatMap(({ number, method, at }) => {
    const account = world.directory.byNumber(number);
    const { jid, phone_number } = account ? participantNode(group, account).attrs : {};
    const attrs = { jid, phone_number, request_method: method, request_time: at };
    return account ? [node('membership_approval_request', attrs)] : [];
  });
  return [node('membership_approval_requests', {}, waiting)];
}

/** An admin lets people in or turns them away; each gets an answer of their own. */
export function decideRequests(scene: Scene, request: BinaryNode): QueryAnswer {
  const { world, group } = scene;
  const answers = allChildren(request).map((decision) => {
    const participants = childrenOf(decision, 'participant').map(({ attrs }) => {
      const account = world.directory.byJid(attrs.jid);
      if (!account || !group.requests.some(({ number }) => number === account.number)) {
        return node('participant', { jid: attrs.jid, error: NOT_FOUND.code });
      }
      group.requests = group.requests.filter(({ number }) => number !== account.number);
      if (decision.tag === 'approve') changeMembers(scene, 'add', [account]);
      else announce(scene, node('revoked_membership_requests', {}, [participantNode(group, account)]));
      return node('participant', { jid: attrs.jid });
    });
    return node(decision.tag, {}, participants);
  });
  return [node('membership_requests_action', {}, answers)];
}

/** Whether somebody's settings keep this person from adding them to groups. */
export const mustBeAsked = (account: Account, actor: Account): boolean => {
  const allowed = account.privacy.get('groupadd') ?? 'all';
  return allowed === 'none' || (allowed !== 'all' && !account.acquaintances.has(actor.number));
};

/** The answer for somebody who has to be asked: with it an admin's client writes the invitation. */
export function inviteNode({ group, actor }: Scene, account: Account): BinaryNode {
  const { number } = account;
  const invite = {
    ...{ number, admin: actor.number, code: newInviteCode() },
    expiresAt: nowSeconds() + PERSONAL_INVITE_S,
  };
  group.personalInvites = [...group.personalInvites.filter((other) => other.number !== number), invite];
  const jid = jidOf(account, group.addressing);
  return node('participant', { jid, error: 403 }, [
    node('add_request', { code: invite.code, expiration: invite.expiresAt }),
  ]);
}

/** Whoever was asked comes in. */
export function acceptInvite({ world, group, actor }: Scene, request: BinaryNode): QueryAnswer {
  const { code, admin } = request.attrs;
  const invite = group.personalInvites.find(({ number }) => number === actor.number);
  const isValid = invite !== undefined && invite.code === code && invite.expiresAt > nowSeconds();
  const asker = world.directory.byJid(admin);
  if (!isValid || asker?.number !== invite.admin || !isAdmin(group, asker)) return LINK_IS_GONE;
  group.personalInvites = group.personalInvites.filter((other) => other !== invite);
  changeMembers({ world, group, actor: asker }, 'add', [actor]);
  return [];
}

/** The invitations of those named are void. */
export function revokeInvites({ world, group }: Scene, request: BinaryNode): QueryAnswer {
  const revoked = new Set(
    childrenOf(request, 'participant').map(({ attrs }) => world.directory.byJid(attrs.jid)?.number),
  );
  group.personalInvites = group.personalInvites.filter(({ number }) => !revoked.has(number));
  return [];
}
