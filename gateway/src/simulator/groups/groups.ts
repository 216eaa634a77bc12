/**
 * Groups: who is in them and with which role, how they are set, and who wants to come in.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { Addressing } from '../directory/address.js';
import type { Account, Directory, ProfilePicture } from '../directory/directory.js';

export type Role = 'member' | 'admin' | 'superadmin';

export interface GroupDescription {
  id: string;
  text: string;
  /** Number of whoever wrote it. */
  author: string;
  /** Seconds since 1970. */
  at: number;
}

/** Somebody who waits for an admin's word. */
export interface JoinRequest {
  number: string;
  method: 'invite_link' | 'non_admin_add';
  /** Seconds since 1970. */
  at: number;
}

/** For somebody who does not let everybody add them: they are asked. */
export interface PersonalInvite {
  number: string;
  code: string;
  /** Number of the admin who asks. */
  admin: string;
  /** Seconds since 1970. */
  expiresAt: number;
}

/** What a group has beside its members; plain data, saved as it is. */
export interface GroupSettings {
  description: GroupDescription | undefined;
  picture: ProfilePicture | undefined;
  /** Only admins write. */
  isAnnouncement: boolean;
  /** Only admins change subject, description and the timer of messages. */
  isLocked: boolean;
  /** Every member adds others; otherwise admins do. */
  membersAdd: boolean;
  /** Whoever comes by link waits for an admin. */
  approvesJoining: boolean;
  /** Messages disappear after so many seconds; 0: never. */
  ephemeralSeconds: number;
  inviteCode: string;
  revokedCodes: string[];
  requests: JoinRequest[];
  personalInvites: PersonalInvite[];
  isCommunity: boolean;
  /** JID of the community that the group belongs to. */
  community: string | undefined;
}

export interface Group extends GroupSettings {
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

export interface NewGroupFacts {
  subject: string;
  creator: string;
  members: string[];
  addressing: Addressing;
}

export interface Groups {
  create(group: NewGroupFacts): Group;
  find(id: string): Group | undefined;
  all(): Group[];
  restore(group: Group): void;
}

/** The present time in whole seconds. */
export const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** Twenty-two letters and digits, as in the links of groups. */
export const newInviteCode = (): string =>
  randomBytes(24).toString('base64').replace(/\W/g, 'x').slice(0, 22);

/** How a new group is set. */
export const newSettings = (): GroupSettings => ({
  description: undefined,
  picture: undefined,
  isAnnouncement: false,
  isLocked: false,
  membersAdd: true,
  approvesJoining: false,
  ephemeralSeconds: 0,
  inviteCode: newInviteCode(),
  revokedCodes: [],
  requests: [],
  personalInvites: [],
  isCommunity: false,
  community: undefined,
});

/** No groups at first. */
export function createGroups(): Groups {
  const groups = new Map<string, Group>();
  return {
    create({ subject, creator, members, addressing }) {
      const createdAt = nowSeconds();
      const id = `120363${String(createdAt).slice(-6)}${String(randomInt(10 ** 6)).padStart(6, '0')}@g.us`;
      const roles = new Map<string, Role>([[creator, 'superadmin']]);
      for (const number of members) if (number !== creator) roles.set(number, 'member');
      const facts = { id, subject, addressing, members: roles, creator, createdAt };
      const group: Group = { ...newSettings(), ...facts, keyHolders: new Map() };
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

/** Whether somebody may do what only admins may. */
export const isAdmin = (group: Group, { number }: Account): boolean =>
  (group.members.get(number) ?? 'member') !== 'member';
