/**
 * `w:g2`: what clients ask about groups and do with them.
 */
import type { Account } from '../directory/directory.js';
import type { Session } from '../login/session.js';
import type { QueryAnswer, QueryHandler } from '../queries/query.js';
import { allChildren, type BinaryNode, childOf, childrenOf, childText, node } from '../wire/nodes.js';
import { groupNode, participantNode, type Group } from './groups.js';
import {
  announceCreation,
  changeMembers,
  changeSubject,
  MEMBER_ACTIONS,
  type MemberAction,
} from './membership.js';

const NOT_FOUND = { code: 404, text: 'item-not-found' };
const FORBIDDEN = { code: 403, text: 'forbidden' };

const namedAccounts = ({ world }: Session, parent: BinaryNode): Account[] =>
  childrenOf(parent, 'participant').flatMap(({ attrs }) => world.directory.byJid(attrs.jid) ?? []);

function create(session: Session, request: BinaryNode): QueryAnswer {
  const { world, account } = session;
  const members = namedAccounts(session, request).map(({ number }) => number);
  const subject = request.attrs.subject ?? '';
  const group = world.groups.create({ subject, creator: account.number, members, addressing: 'lid' });
  announceCreation({ world, group, actor: account });
  return [groupNode(world.directory, group)];
}

function leave(session: Session, request: BinaryNode): QueryAnswer {
  const { world, account } = session;
  for (const { attrs } of childrenOf(request, 'group')) {
    const group = world.groups.find(attrs.id ?? '');
    if (group) changeMembers({ world, group, actor: account }, 'remove', [account]);
  }
  return [];
}

function change(session: Session, group: Group, iq: BinaryNode): QueryAnswer {
  const scene = { world: session.world, group, actor: session.account };
  const isAdmin = group.members.get(session.account.number) !== 'member';
  const [request] = allChildren(iq);
  if (!request) return undefined;
  if (MEMBER_ACTIONS.some((action) => action === request.tag)) {
    if (!isAdmin) return FORBIDDEN;
    const accounts = namedAccounts(session, request);
    const nodes = accounts.map((account) => participantNode(group, account));
    changeMembers(scene, request.tag as MemberAction, accounts);
    return [node(request.tag, {}, nodes)];
  }
  if (request.tag === 'subject') changeSubject(scene, childText(iq, 'subject') ?? '');
  return [];
}

export const answerGroups: QueryHandler = (session, iq) => {
  const { world, account } = session;
  const request = childOf(iq, 'create');
  if (request) return create(session, request);
  const leaving = childOf(iq, 'leave');
  if (leaving) return leave(session, leaving);
  if (childOf(iq, 'participating')) {
    const own = world.groups.all().filter(({ members }) => members.has(account.number));
    return [
      node(
        'groups',
        {},
        own.map((group) => groupNode(world.directory, group)),
      ),
    ];
  }
  const group = world.groups.find(iq.attrs.to ?? '');
  if (!group) return NOT_FOUND;
  if (!group.members.has(account.number)) return FORBIDDEN;
  if (iq.attrs.type === 'set') return change(session, group, iq);
  if (childOf(iq, 'query')) return [groupNode(world.directory, group)];
  return childOf(iq, 'invite') ? [node('invite', { code: group.id.slice(0, 22) })] : undefined;
};
