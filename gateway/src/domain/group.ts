/**
 * A group on WhatsApp as this gateway tells of it. Pure; read in whatsapp/groups, shown by http/.
 */
export const GROUP_ROLES = ['member', 'admin', 'superadmin'] as const;
export type GroupRole = (typeof GROUP_ROLES)[number];

/** One person in a group; what WhatsApp does not tell is null. */
export interface GroupMember {
  /** As the group names the person: by number or by LID. */
  jid: string;
  /** Digits without +. */
  phone: string | null;
  /** The LID's JID. */
  lid: string | null;
  role: GroupRole;
}

export interface Group {
  jid: string;
  subject: string;
  description: string | null;
  /** Who made it. */
  owner: { phone: string | null; lid: string | null } | null;
  /** Milliseconds since 1970. */
  createdAt: number | null;
  size: number;
  /** Only admins may write. */
  announce: boolean;
  /** Only admins may change subject and description. */
  locked: boolean;
  /** Seconds after which messages disappear; null: never. */
  disappearingSeconds: number | null;
  participants: GroupMember[];
}
