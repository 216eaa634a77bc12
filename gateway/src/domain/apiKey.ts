/**
 * Who may do what: roles of API keys and the permissions they carry.
 * Pure; http/auth asks `may`, the routes name the permission they need.
 */
export const ROLES = ['admin', 'operator', 'sender', 'reader'] as const;
export type Role = (typeof ROLES)[number];

export const KEY_MODES = ['live', 'test'] as const;
export type KeyMode = (typeof KEY_MODES)[number];

export const PERMISSIONS = [
  'keys:manage',
  'sessions:manage',
  'sessions:read',
  'webhooks:manage',
  'messages:send',
  'messages:read',
  'messages:read-own',
  'events:read',
  'policy:unpaced',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const OPERATOR: Permission[] = [
  'sessions:manage',
  'sessions:read',
  'webhooks:manage',
  'messages:send',
  'messages:read',
  'messages:read-own',
  'events:read',
];

const GRANTS: Record<Role, readonly Permission[]> = {
  admin: PERMISSIONS,
  operator: OPERATOR,
  sender: ['messages:send', 'messages:read-own', 'sessions:read'],
  reader: ['sessions:read', 'messages:read', 'messages:read-own', 'events:read'],
};

/** Whether a key with this role has the permission. */
export const may = (role: Role, permission: Permission): boolean => GRANTS[role].includes(permission);

/** All permissions of a role, for GET /v1/whoami. */
export const permissionsOf = (role: Role): readonly Permission[] => GRANTS[role];

/** An authenticated caller. */
export interface Caller {
  keyId: string;
  name: string;
  role: Role;
  mode: KeyMode;
  /** Empty: every session. */
  sessionIds: string[];
  expiresAt: number | null;
}

/** Whether the caller's key covers the session. */
export const covers = (caller: Pick<Caller, 'sessionIds'>, sessionId: string): boolean =>
  caller.sessionIds.length === 0 || caller.sessionIds.includes(sessionId);
