/**
 * API keys on the wire. Used by routes/keys.
 */
import { z } from 'zod';
import { KEY_MODES, PERMISSIONS, ROLES, type Caller, permissionsOf } from '../../domain/apiKey.js';
import type { StoredKey } from '../keys.js';
import { givenTime, pageOf, sessionId, time, toNullableTime, toTime } from './common.js';

const sessionIds = z.array(sessionId).max(1_000).meta({ description: 'Empty: every session' });

export const newKey = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    role: z.enum(ROLES),
    mode: z.enum(KEY_MODES).default('live').meta({ description: 'A test key hands nothing to WhatsApp' }),
    sessionIds: sessionIds.default([]),
    expiresAt: givenTime.nullable().default(null),
  })
  .meta({ id: 'NewKey' });

const MAX_GRACE_SECONDS = 30 * 24 * 60 * 60;

export const rotation = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(MAX_GRACE_SECONDS)
      .default(0)
      .meta({ description: 'How long the old key still works' }),
  })
  .meta({ id: 'KeyRotation' });

const keyFields = {
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  mode: z.enum(KEY_MODES),
  sessionIds,
  prefix: z.string().meta({ description: 'The first characters of the key' }),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable().meta({ description: 'To the minute' }),
};

export const apiKey = z.strictObject(keyFields).meta({ id: 'ApiKey' });
export const apiKeyPage = pageOf(apiKey);
export const createdApiKey = z
  .strictObject({
    ...keyFields,
    key: z.string().meta({ description: 'The key itself; it is not shown again' }),
  })
  .meta({ id: 'CreatedApiKey' });

export const whoami = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    mode: z.enum(KEY_MODES),
    sessionIds,
    permissions: z.array(z.enum(PERMISSIONS)),
    expiresAt: time.nullable(),
  })
  .meta({ id: 'Whoami' });

export const toApiKey = (key: StoredKey): z.output<typeof apiKey> => ({
  id: key.id,
  name: key.name,
  role: key.role,
  mode: key.mode,
  sessionIds: key.sessionIds,
  prefix: key.prefix,
  createdAt: toTime(key.createdAt),
  expiresAt: toNullableTime(key.expiresAt),
  lastUsedAt: toNullableTime(key.lastUsedAt),
});

export const toWhoami = (caller: Caller): z.output<typeof whoami> => ({
  id: caller.keyId,
  name: caller.name,
  role: caller.role,
  mode: caller.mode,
  sessionIds: caller.sessionIds,
  permissions: [...permissionsOf(caller.role)],
  expiresAt: toNullableTime(caller.expiresAt),
});
