/**
 * The groups of a session, asked of WhatsApp through its live socket. Asked and read here rather than by Baileys'
 * `groupFetchAllParticipating`, which in rc14 shows a query without an answer as "no groups".
 */
import {
  getBinaryNodeChild,
  getBinaryNodeChildren,
  getBinaryNodeChildString,
  type BinaryNode,
  type WASocket,
} from '@whiskeysockets/baileys';
import { bareJid, identityOf, type Identity } from '../domain/address.js';
import { gatewayError } from '../domain/error.js';
import { GROUP_ROLES, type Group, type GroupMember } from '../domain/group.js';

type Asked = Pick<WASocket, 'query'>;

function readMember({ attrs }: BinaryNode): GroupMember {
  const jid = bareJid(attrs.jid ?? '');
  const role = GROUP_ROLES.find((known) => known === attrs.type) ?? 'member';
  return { jid, ...identityOf(jid, attrs.phone_number, attrs.lid), role };
}

/** A number in an attribute; null when it is none. */
function numberIn(text: string | undefined): number | null {
  const number = Number(text);
  return text === undefined || Number.isNaN(number) ? null : number;
}

/** The same person with what the list of participants knows of it. */
function whole({ phone, lid }: Identity, participants: GroupMember[]): Identity {
  const known = participants.find(
    (member) => (phone !== null && member.phone === phone) || (lid !== null && member.lid === lid),
  );
  return { phone: phone ?? known?.phone ?? null, lid: lid ?? known?.lid ?? null };
}

/** A `<group>` stanza of WhatsApp as a Group. Pure. */
function readGroup(node: BinaryNode): Group {
  const { attrs } = node;
  const id = attrs.id ?? '';
  const participants = getBinaryNodeChildren(node, 'participant').map(readMember);
  const owner = whole(identityOf(attrs.creator, attrs.creator_pn), participants);
  const created = numberIn(attrs.creation);
  const description = getBinaryNodeChild(node, 'description');
  return {
    jid: id.includes('@') ? id : `${id}@g.us`,
    subject: attrs.subject ?? '',
    description: (description && getBinaryNodeChildString(description, 'body')) ?? null,
    owner: attrs.creator === undefined ? null : owner,
    createdAt: created === null ? null : created * 1_000,
    size: numberIn(attrs.size) ?? participants.length,
    announce: getBinaryNodeChild(node, 'announcement') !== undefined,
    locked: getBinaryNodeChild(node, 'locked') !== undefined,
    disappearingSeconds: numberIn(getBinaryNodeChild(node, 'ephemeral')?.attrs.expiration),
    participants,
  };
}

async function ask({ query }: Asked, to: string, content: BinaryNode): Promise<BinaryNode> {
  const answer = (await query({
    tag: 'iq',
    attrs: { to, xmlns: 'w:g2', type: 'get' },
    content: [content],
  })) as BinaryNode | undefined;
  if (answer) return answer;
  throw gatewayError('session_not_connected', 'WhatsApp did not answer.', { retryAfterSeconds: 10 });
}

/** All groups that the session's number is in. @throws GatewayError session_not_connected when there is no answer */
export async function askGroups(client: Asked): Promise<Group[]> {
  const parts = ['participants', 'description'].map((tag) => ({ tag, attrs: {} }));
  const answer = await ask(client, '@g.us', { tag: 'participating', attrs: {}, content: parts });
  return getBinaryNodeChildren(getBinaryNodeChild(answer, 'groups'), 'group').map(readGroup);
}

/** WhatsApp's codes for a group that is not there, and for one that this number is not in. */
const UNSEEN: readonly unknown[] = [403, 404];

/** @throws GatewayError group_not_found, session_not_connected when there is no answer */
export async function askGroup(client: Asked, jid: string): Promise<Group> {
  const missing = gatewayError('group_not_found', `There is no group ${jid} that this number is in.`);
  let answer: BinaryNode;
  try {
    answer = await ask(client, jid, { tag: 'query', attrs: { request: 'interactive' } });
  } catch (error) {
    throw UNSEEN.includes((error as { data?: unknown }).data) ? missing : error;
  }
  const node = getBinaryNodeChild(answer, 'group');
  if (!node) throw missing;
  return readGroup(node);
}
