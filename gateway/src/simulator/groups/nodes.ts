/**
 * Groups as stanzas: the `<group>` of metadata and its `<participant>`s.
 */
import { jidOf } from '../directory/address.js';
import type { Account, Directory } from '../directory/directory.js';
import { node, textNode, type Attributes, type BinaryNode } from '../wire/nodes.js';
import { membersOf, type Group } from './groups.js';

/** A `<participant>` with its other address beside the one that the group uses. */
export function participantNode(group: Group, account: Account, more: Attributes = {}): BinaryNode {
  const role = group.members.get(account.number);
  const type = role === 'member' ? undefined : role;
  return group.addressing === 'lid'
    ? node('participant', { jid: jidOf(account, 'lid'), phone_number: jidOf(account, 'pn'), type, ...more })
    : node('participant', { jid: jidOf(account, 'pn'), lid: jidOf(account, 'lid'), type, ...more });
}

/** `<membership_approval_mode>` as metadata and notifications have it. */
export const approvalNode = (state: 'on' | 'off'): BinaryNode =>
  node('membership_approval_mode', {}, [node('group_join', { state })]);

export const addModeNode = ({ membersAdd }: Group): BinaryNode =>
  textNode('member_add_mode', membersAdd ? 'all_member_add' : 'admin_add');

/** The description, or the news that there is none. */
export function descriptionNode(directory: Directory, group: Group): BinaryNode {
  const { description } = group;
  if (!description) return node('description', { delete: 'true' });
  const author = directory.byNumber(description.author);
  const { id, at, text } = description;
  const attrs = { id, t: at, participant: author && jidOf(author, group.addressing) };
  return node('description', attrs, [textNode('body', text)]);
}

function settingNodes(directory: Directory, group: Group): BinaryNode[] {
  const nodes = [addModeNode(group)];
  if (group.description) nodes.push(descriptionNode(directory, group));
  if (group.isAnnouncement) nodes.push(node('announcement'));
  if (group.isLocked) nodes.push(node('locked'));
  if (group.ephemeralSeconds > 0) nodes.push(node('ephemeral', { expiration: group.ephemeralSeconds }));
  if (group.approvesJoining) nodes.push(approvalNode('on'));
  if (group.isCommunity) nodes.push(node('parent'));
  if (group.community !== undefined) nodes.push(node('linked_parent', { jid: group.community }));
  return nodes;
}

/** The `<group>` of metadata answers. */
export function groupNode(directory: Directory, group: Group): BinaryNode {
  const members = membersOf(directory, group);
  const creator = directory.byNumber(group.creator);
  const creatorJid = creator && jidOf(creator, group.addressing);
  const attrs = {
    id: group.id.replace('@g.us', ''),
    subject: group.subject,
    creation: group.createdAt,
    creator: creatorJid,
    s_t: group.createdAt,
    s_o: creatorJid,
    addressing_mode: group.addressing,
    size: members.length,
  };
  const participants = members.map((account) => participantNode(group, account));
  return node('group', attrs, [...settingNodes(directory, group), ...participants]);
}

/** Metadata of one group. Of a community clients read the same under another name, depending on which call asked. */
export function metadataNodes(directory: Directory, group: Group): BinaryNode[] {
  const metadata = groupNode(directory, group);
  return group.isCommunity ? [metadata, { ...metadata, tag: 'community' }] : [metadata];
}
