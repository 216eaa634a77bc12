/**
 * Groups: who is in them and with which role, and the stanza that describes one.
 */
import { randomInt } from 'node:crypto';
import { jidOf, type Addressing } from '../directory/address.js';
import type { Account, Directory } from '../directory/directory.js';
import { node, type BinaryNode } from '../wire/nodes.js';

export type Role = 'member' | 'admin' | 'superadmin';

export interface Group {
  /** `...@g.us` */
  id: string;
  subject: string;
  addressing: Addressing;
  /** Roles by number. */
  members: Map<string, Role>;
  /** Number of whoever made it. */
  creator: string;
  /** Seconds since 1970. */
  createdAt: number;
  /** Devices that have a sender's key, by the sender's number. */
  keyHolders: Map<string, Set<string>>;
}

export interface Groups {
  create(group: { subject: string; creator: string; members: string[]; addressing: Addressing }): Group;
  find(id: string): Group | undefined;
  all(): Group[];
  restore(group: Group): void;
}

/** No groups at first. */
export function createGroups(): Groups {
  const groups = new Map<string, Group>();
  return {
    create({ subject, creator, members, addressing }) {
      const createdAt = Math.floor(Date.now() / 1000);
      const id = `120363${String(createdAt).slice(-6)}${String(randomInt(10 ** 6)).padStart(6, '0')}@g.us`;
      const roles = new Map<string, Role>([[creator, 'superadmin']]);
      for (const number of members) if (number !== creator) roles.set(number, 'member');
      const group: Group = {
        id,
        subject,
        addressing,
        members: roles,
        creator,
        createdAt,
        keyHolders: new Map(),
      };
      groups.set(id, group);
      return group;
    },
    find: (id) => groups.get(id),
    all: () => [...groups.values()],
    restore: (group) => void groups.set(group.id, group),
  };
}

/** The accounts in a group. */
export const membersOf = (directory: Directory, group: Group): Account[] =>
  [...group.members.keys()].flatMap((number) => directory.byNumber(number) ?? []);

/** A `<participant>` with its other address beside the one that the group uses. */
export function participantNode(group: Group, account: Account): BinaryNode {
  const role = group.members.get(account.number);
  const type = role === 'member' ? undefined : role;
  return group.addressing === 'lid'
    ? node('participant', { jid: jidOf(account, 'lid'), phone_number: jidOf(account, 'pn'), type })
    : node('participant', { jid: jidOf(account, 'pn'), lid: jidOf(account, 'lid'), type });
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
  return node(
    'group',
    attrs,
    members.map((account) => participantNode(group, account)),
  );
}
