/**
 * API keys: made, listed, rotated, revoked and checked. Called by http/auth and routes/keys; gateway.ts and the CLI call
 * `ensureAdminKey` and `create`. Only hashes are stored; a key's text leaves this file once, when it is made.
 * Must not log keys.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Caller, KeyMode, Role } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import type { Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import type { ApiKeyRecord } from '../store/apiKeys.js';

/** A key as it is stored. */
export type StoredKey = ApiKeyRecord;

/** Where keys are kept; `store.apiKeys` fits. */
export interface KeyStore {
  insert(key: Omit<StoredKey, 'revokedAt' | 'lastUsedAt'>): Promise<void>;
  find(id: string): Promise<StoredKey | null>;
  findByHash(hash: string): Promise<StoredKey | null>;
  /** Oldest first, without the revoked; the cursor is the id of the last one seen. */
  list(page: { limit: number; cursor?: string | undefined }): Promise<StoredKey[]>;
  /** Whether a working live key with the role admin exists. */
  hasAdmin(now: number): Promise<boolean>;
  revoke(id: string, now: number): Promise<void>;
  setExpiry(id: string, at: number | null): Promise<void>;
  touch(id: string, now: number): Promise<void>;
}

export interface NewKey {
  name: string;
  role: Role;
  mode: KeyMode;
  sessionIds: string[];
  expiresAt: number | null;
}

export interface CreatedKey {
  record: StoredKey;
  /** The key itself, `slk_live_...` or `slk_test_...`; it cannot be shown again. */
  key: string;
}

export interface Keys {
  create(input: NewKey): Promise<CreatedKey>;
  list(page: {
    limit: number;
    cursor?: string | undefined;
  }): Promise<{ data: StoredKey[]; nextCursor: string | null }>;
  /** @throws GatewayError key_not_found */
  revoke(id: string): Promise<void>;
  /** A new key like the old one, which works for another `graceSeconds`. @throws GatewayError key_not_found */
  rotate(id: string, graceSeconds: number): Promise<CreatedKey>;
  /** @throws GatewayError invalid_key, key_expired */
  authenticate(key: string): Promise<Caller>;
  /**
   * Sees to it that somebody can get in: a configured key works from now on, whatever the database says; without one,
   * and without any admin key in the database, one is made. Its text is answered once, to be shown to the operator.
   */
  ensureAdminKey(configured: string | null): Promise<{ created: string | null }>;
}

const KEY_BYTES = 32;
const PREFIX_LENGTH = 14;
/** Writing the time of the last use with every request would make every read a write. */
const TOUCH_EVERY_MS = 60_000;

/** The key of the settings has no row: taking it out of the settings is how it is revoked. */
const CONFIGURED_ADMIN: Caller = {
  keyId: 'key_configured',
  name: 'SLUICE_ADMIN_KEY',
  role: 'admin',
  mode: 'live',
  sessionIds: [],
  expiresAt: null,
};

const FIRST_ADMIN: NewKey = { name: 'admin', role: 'admin', mode: 'live', sessionIds: [], expiresAt: null };

// Plain SHA-256 is enough for what has 256 random bits; a configured key's hash is kept in memory only.
const hashOf = (key: string): string => createHash('sha256').update(key, 'utf8').digest('hex');
const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

const toCaller = ({ id, name, role, mode, sessionIds, expiresAt }: StoredKey): Caller => ({
  keyId: id,
  name,
  role,
  mode,
  sessionIds,
  expiresAt,
});

/** A rotated key lives as long as the old one was given. */
const renewedExpiry = ({ createdAt, expiresAt }: StoredKey, now: number): number | null =>
  expiresAt === null ? null : now + expiresAt - createdAt;

async function existing(store: KeyStore, id: string): Promise<StoredKey> {
  const record = await store.find(id);
  if (!record || record.revokedAt !== null) throw gatewayError('key_not_found');
  return record;
}

export function createKeys({ store, clock }: { store: KeyStore; clock: Clock }): Keys {
  let configuredHash: string | null = null;

  async function create(input: NewKey): Promise<CreatedKey> {
    const key = `slk_${input.mode}_${randomBytes(KEY_BYTES).toString('base64url')}`;
    const row = {
      ...input,
      id: newId('key'),
      prefix: key.slice(0, PREFIX_LENGTH),
      hash: hashOf(key),
      createdAt: clock.now(),
    };
    await store.insert(row);
    return { key, record: { ...row, revokedAt: null, lastUsedAt: null } };
  }

  return {
    create,

    async list({ limit, cursor }) {
      const rows = await store.list({ limit: limit + 1, cursor });
      const data = rows.slice(0, limit);
      return { data, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
    },

    async revoke(id) {
      await store.revoke((await existing(store, id)).id, clock.now());
    },

    async rotate(id, graceSeconds) {
      const old = await existing(store, id);
      const now = clock.now();
      const { name, role, mode, sessionIds } = old;
      // The new one first: a crash between the two leaves the owner with two keys rather than with none.
      const created = await create({ name, role, mode, sessionIds, expiresAt: renewedExpiry(old, now) });
      const graceEnds = now + graceSeconds * 1000;
      if (graceSeconds === 0) await store.revoke(old.id, now);
      else await store.setExpiry(old.id, Math.min(graceEnds, old.expiresAt ?? graceEnds));
      return created;
    },

    async authenticate(key) {
      const hash = hashOf(key);
      if (configuredHash !== null && sameHash(hash, configuredHash)) return CONFIGURED_ADMIN;
      const record = await store.findByHash(hash);
      if (!record || !sameHash(hash, record.hash))
        throw gatewayError('invalid_key', 'There is no such API key.');
      if (record.revokedAt !== null) throw gatewayError('invalid_key', 'This API key was revoked.');
      const now = clock.now();
      if (record.expiresAt !== null && record.expiresAt <= now) throw gatewayError('key_expired');
      if (record.lastUsedAt === null || now - record.lastUsedAt >= TOUCH_EVERY_MS)
        await store.touch(record.id, now);
      return toCaller(record);
    },

    async ensureAdminKey(configured) {
      configuredHash = configured === null ? null : hashOf(configured);
      if (configuredHash !== null || (await store.hasAdmin(clock.now()))) return { created: null };
      const { key } = await create(FIRST_ADMIN);
      return { created: key };
    },
  };
}
