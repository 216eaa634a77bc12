/**
 * `w:g2`: what clients ask about groups and do with them.
 */
import type { Session } from '../login/session.js';
import type { QueryAnswer, QueryHandler } from '../queries/query.js';
import { allChildren, childOf, childrenOf, childText, node, type BinaryNode } from '../wire/nodes.js';
import { linkParts, listParts, unlinkParts } from './communities.js';
import { isAdmin, type Group } from './groups.js';
import {
  acceptInvite,
  decideRequests,
  describeLink,
  inviteNode,
  joinByLink,
  listRequests,
  mustBeAsked,
  requestToJoin,
  revokeInvites,
  revokeLink,
} from './invites.js';
import {
  announceCreation,
  changeMembers,
  MEMBER_ACTIONS,
  type MemberAction,
  type Scene,
} from './membership.js';
import { groupNode, metadataNodes, participantNode } from './nodes.js';
import { changeAsRequested, isForAdmins } from './settings.js';

const NOT_FOUND = { code: 404, text: 'item-not-found' };
const FORBIDDEN = { code: 403, text: 'forbidden' };
const ALREADY_IN = 409;

function create({ world, account }: Session, request: BinaryNode): QueryAnswer {
  const members = childrenOf(request, 'participant').flatMap(
    ({ attrs }) => world.directory.byJid(attrs.jid)?.number ?? [],
  );
  const subject = request.attrs.subject ?? '';
  const group = world.groups.create({ subject, creator: account.number, members, addressing: 'lid' });
  const description = childOf(request, 'description');
  const text = description && childText(description, 'body');
  if (text) {
    const id = description.attrs.id ?? '';
    group.description = { id, text, author: account.number, at: group.createdAt };
  }
  const parent = childOf(request, 'parent');
  group.isCommunity = parent !== undefined;
  group.approvesJoining = parent?.attrs.default_membership_approval_mode === 'request_required';
  group.community = childOf(request, 'linked_parent')?.attrs.jid;
  announceCreation({ world, group, actor: account });
  return [groupNode(world.directory, group)];
}

function leave({ world, account }: Session, request: BinaryNode): QueryAnswer {
  const left = allChildren(request).map(({ tag, attrs }) => {
    const group = world.groups.find(attrs.id ?? '');
    if (!group?.members.has(account.number)) return node(tag, { id: attrs.id, error: NOT_FOUND.code });
    changeMembers({ world, group, actor: account }, 'remove', [account]);
    return node(tag, { id: attrs.id });
  });
  return [node('leave', {}, left)];
}

/** One person of a request to change members: what is done, and the word on it. */
function changeMember(scene: Scene, action: MemberAction, jid: string | undefined): BinaryNode {
  const { world, group, actor } = scene;
  const account = world.directory.byJid(jid);
  if (!account) return node('participant', { jid, error: NOT_FOUND.code });
  const isMember = group.members.has(account.number);
  if (action !== 'add' && !isMember) return participantNode(group, account, { error: NOT_FOUND.code });
  if (action === 'add') {
    if (isMember) return participantNode(group, account, { error: ALREADY_IN });
    if (mustBeAsked(account, actor)) return inviteNode(scene, account);
    if (group.approvesJoining && !isAdmin(group, actor)) {
      requestToJoin(scene, account, 'non_admin_add');
      return participantNode(group, account);
    }
  }
  const before = participantNode(group, account);
  changeMembers(scene, action, [account]);
  return before;
}

function answerMembers(scene: Scene, request: BinaryNode): QueryAnswer {
  const action = request.tag as MemberAction;
  const mayDo = isAdmin(scene.group, scene.actor) || (action === 'add' && scene.group.membersAdd);
  if (!mayDo) return FORBIDDEN;
  const participants = childrenOf(request, 'participant').map(({ attrs }) =>
    changeMember(scene, action, attrs.jid),
  );
  return [node(action, {}, participants)];
}

/** What only admins ask for, by the name of the request. */
const FOR_ADMINS: Record<string, (scene: Scene, request: BinaryNode) => QueryAnswer> = {
  invite: (scene) => {
    revokeLink(scene);
    return [node('invite', { code: scene.group.inviteCode })];
  },
  membership_requests_action: decideRequests,
  revoke: revokeInvites,
  links: linkParts,
  unlink: unlinkParts,
};

function change(scene: Scene, iq: BinaryNode): QueryAnswer {
  const [request] = allChildren(iq);
  if (!request) return undefined;
  if (MEMBER_ACTIONS.some((action) => action === request.tag)) return answerMembers(scene, request);
  const answer = FOR_ADMINS[request.tag];
  const mayDo = isAdmin(scene.group, scene.actor) || !isForAdmins(scene.group, request.tag);
  if (!mayDo) return FORBIDDEN;
  if (answer) return answer(scene, request);
  return changeAsRequested(scene, request, iq) ? [] : undefined;
}

/** What is asked of no group in particular. */
function answerWithoutGroup(session: Session, iq: BinaryNode): QueryAnswer {
  const { world, account } = session;
  const [request] = allChildren(iq);
  if (request?.tag === 'create') return create(session, request);
  if (request?.tag === 'leave') return leave(session, request);
  if (request?.tag === 'participating') {
    const own = world.groups.all().filter(({ members }) => members.has(account.number));
    const all = own.flatMap((group) => metadataNodes(world.directory, group));
    const named = (tag: string): BinaryNode[] => all.filter((metadata) => metadata.tag === tag);
    return [node('groups', {}, named('group')), node('communities', {}, named('community'))];
  }
  const { code } = request?.attrs ?? {};
  if (request?.tag !== 'invite' || code === undefined) return undefined;
  return iq.attrs.type === 'set' ? joinByLink(world, account, code) : describeLink(world, code);
}

function look(scene: Scene, group: Group, iq: BinaryNode): QueryAnswer {
  if (childOf(iq, 'query')) return metadataNodes(scene.world.directory, group);
  if (childOf(iq, 'sub_groups')) return listParts(scene);
  if (!isAdmin(group, scene.actor)) return FORBIDDEN;
  if (childOf(iq, 'membership_approval_requests')) return listRequests(scene);
  return childOf(iq, 'invite') ? [node('invite', { code: group.inviteCode })] : undefined;
}

export const answerGroups: QueryHandler = (session, iq) => {
  const { world, account } = session;
  if (iq.attrs.to === '@g.us') return answerWithoutGroup(session, iq);
  const group = world.groups.find(iq.attrs.to ?? '');
  if (!group) return NOT_FOUND;
  const scene = { world, group, actor: account };
  const accepting = childOf(iq, 'accept');
  if (accepting) return acceptInvite(scene, accepting);
  if (!group.members.has(account.number)) return FORBIDDEN;
  return iq.attrs.type === 'set' ? change(scene, iq) : look(scene, group, iq);
};
