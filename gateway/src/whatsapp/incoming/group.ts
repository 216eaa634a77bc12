/**
 * Changes of a group as events: who came, went, or rules now; subject, description, settings. Pure.
 * Source of the names: Baileys 7.0.0-rc14, Socket/messages-recv (handleGroupNotification).
 */
import type { StanzaPart } from '../stanzas.js';
import { personOf, type Completion, type Person } from './people.js';

export interface GroupChange {
  action: string;
  participants: Person[];
  /** The new subject, description or setting; null when the action says it all. */
  value: string | number | boolean | null;
  /** The group's name, when the change tells it. */
  name: string | null;
  /** Of an action that is not known: WhatsApp's name of it. */
  typeName?: string;
}

const MEMBERS: Record<string, string> = {
  add: 'participants_added',
  remove: 'participants_removed',
  leave: 'participants_left',
  promote: 'participants_promoted',
  demote: 'participants_demoted',
  modify: 'participant_number_changed',
  created_membership_requests: 'join_requested',
  revoked_membership_requests: 'join_request_withdrawn',
};

type Value = string | number | boolean | null;

const childText = (part: StanzaPart, tag: string): string | null =>
  part.parts.find((child) => child.tag === tag)?.text ?? null;

const SETTINGS: Record<string, (part: StanzaPart) => { action: string; value: Value }> = {
  subject: ({ attrs }) => ({ action: 'subject', value: attrs.subject ?? null }),
  description: (part) => ({ action: 'description', value: childText(part, 'body') }),
  announcement: () => ({ action: 'only_admins_write', value: true }),
  not_announcement: () => ({ action: 'only_admins_write', value: false }),
  locked: () => ({ action: 'only_admins_edit', value: true }),
  unlocked: () => ({ action: 'only_admins_edit', value: false }),
  ephemeral: ({ attrs }) => ({ action: 'disappearing_seconds', value: Number(attrs.expiration ?? 0) }),
  not_ephemeral: () => ({ action: 'disappearing_seconds', value: 0 }),
  invite: ({ attrs }) => ({ action: 'invite_code', value: attrs.code ?? null }),
  member_add_mode: ({ text }) => ({ action: 'member_add_mode', value: text }),
  membership_approval_mode: (part) => ({
    action: 'join_approval',
    value: part.parts.find(({ tag }) => tag === 'group_join')?.attrs.state === 'on',
  }),
  delete: () => ({ action: 'deleted', value: null }),
};

const membersOf = ({ parts }: StanzaPart, complete: Completion): Person[] =>
  parts
    .filter(({ tag }) => ['participant', 'requested_user'].includes(tag))
    .map(({ attrs }) => personOf(complete, attrs.jid, attrs.phone_number, attrs.lid));

/** One part of a group's notification; `actor`: who did it. */
export function groupChange(part: StanzaPart, actor: Person, complete: Completion): GroupChange {
  const { tag } = part;
  const group = part.parts.find((child) => child.tag === 'group');
  const participants = membersOf(group ?? part, complete);
  const plain = { participants, value: null, name: null };
  if (tag === 'create') {
    const subject = group?.attrs.subject ?? part.attrs.subject ?? null;
    return { action: 'created', participants, value: subject, name: subject };
  }
  const members = MEMBERS[tag];
  if (members !== undefined) {
    const [only] = participants;
    const left =
      tag === 'remove' && participants.length === 1 && only !== undefined && only.jid === actor.jid;
    return { ...plain, action: left ? 'participants_left' : members };
  }
  const setting = SETTINGS[tag]?.(part);
  if (!setting) return { ...plain, action: 'unsupported', typeName: tag };
  return { ...plain, ...setting, name: tag === 'subject' ? (part.attrs.subject ?? null) : null };
}
