/**
 * API keys as rows: only their hashes are stored. Making and checking keys is in http/keys.
 */
import type { KeyMode, Role } from '../domain/apiKey.js';
import type { ApiKeysTable } from './database/schema.js';
import type { StoreContext } from './index.js';
import { fromJson } from './values.js';
import type { Selectable } from 'kysely';

/** A key as it is stored. Times are milliseconds since 1970. */
export interface ApiKeyRecord {
  id: string;
  name: string;
  role: Role;
  mode: KeyMode;
  /** Empty: every session. */
  sessionIds: string[];
  /** The first characters, to recognise the key by. */
  prefix: string;
  /** SHA-256 of the key, hex. */
  hash: string;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  lastUsedAt: number | null;
}

const toRecord = (row: Selectable<ApiKeysTable>): ApiKeyRecord => ({
  id: row.id,
  name: row.name,
  role: row.role as Role,
  mode: row.mode as KeyMode,
  sessionIds: fromJson(row.session_ids) as string[],
  prefix: row.prefix,
  hash: row.hash,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
});

export function createApiKeysStore({ q }: StoreContext) {
  const one = async (column: 'id' | 'hash', value: string): Promise<ApiKeyRecord | null> => {
    const row = await q.selectFrom('api_keys').selectAll().where(column, '=', value).executeTakeFirst();
    return row ? toRecord(row) : null;
  };

  const set = async (id: string, columns: Partial<Selectable<ApiKeysTable>>): Promise<void> => {
    await q.updateTable('api_keys').set(columns).where('id', '=', id).execute();
  };

  return {
    find: (id: string) => one('id', id),
    findByHash: (hash: string) => one('hash', hash),

    async insert(key: Omit<ApiKeyRecord, 'revokedAt' | 'lastUsedAt'>): Promise<void> {
      await q
        .insertInto('api_keys')
        .values({
          id: key.id,
          name: key.name,
          role: key.role,
          mode: key.mode,
          session_ids: JSON.stringify(key.sessionIds),
          prefix: key.prefix,
          hash: key.hash,
          created_at: key.createdAt,
          expires_at: key.expiresAt,
        })
        .execute();
    },

    /** By id (so by age), from after the cursor; revoked keys are left out. */
    async list(page: { limit: number; cursor?: string | undefined }): Promise<ApiKeyRecord[]> {
      let query = q
        .selectFrom('api_keys')
        .selectAll()
        .where('revoked_at', 'is', null)
        .orderBy('id')
        .limit(page.limit);
      if (page.cursor !== undefined) query = query.where('id', '>', page.cursor);
      return (await query.execute()).map(toRecord);
    },

    /** Whether a working admin key exists. */
    async hasAdmin(now: number): Promise<boolean> {
      const row = await q
        .selectFrom('api_keys')
        .select('id')
        .where('role', '=', 'admin')
        .where('mode', '=', 'live')
        .where('revoked_at', 'is', null)
        .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
        .executeTakeFirst();
      return row !== undefined;
    },

    revoke: (id: string, now: number) => set(id, { revoked_at: now }),
    setExpiry: (id: string, at: number | null) => set(id, { expires_at: at }),
    touch: (id: string, now: number) => set(id, { last_used_at: now }),
  };
}
