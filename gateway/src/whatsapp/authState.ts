/**
 * Baileys' auth state of one session, kept by Keyv in the gateway's database: encrypted, fenced, each commit atomic.
 * Reads go through a small cache that is filled only after the write is durable.
 */
import { BufferJSON, initAuthCreds, proto } from '@whiskeysockets/baileys';
import type {
  AuthenticationCreds,
  AuthenticationState,
  SignalDataSet,
  SignalDataTypeMap,
  SignalKeyStore,
} from '@whiskeysockets/baileys';
import { Keyv, type KeyvOptions, type KeyvStoreAdapter } from 'keyv';
import { LRUCache } from 'lru-cache';
import type { Nouns } from '../store/index.js';
import { endKeyTransactions } from './keyTransactions.js';
import { createKeyvAdapter } from './keyvAdapter.js';
import type { WriteBehindDeps } from './writeBehind.js';

const CREDS = 'creds';
/** Cached entries per session; what a busy session touches again and again, not the 812 one-time prekeys. */
const CACHED = 200;

export type AuthStateDeps = WriteBehindDeps;

export interface AuthState {
  state: AuthenticationState;
  /** Saves the credentials as they are now; the saves run one after the other. @throws LeaseLostError */
  saveCreds: () => Promise<void>;
  /** Resolves when nothing is in memory only any more, or cannot be written: the lease is over. */
  saved: () => Promise<void>;
  /** Whether a phone was paired. `creds.registered` is not it: rc14 leaves it false after a QR pairing. */
  isPaired: () => boolean;
}

type KeyType = keyof SignalDataTypeMap;

const serialize = (value: unknown): string => JSON.stringify(value, BufferJSON.replacer);
const nameOf = (type: string, id: string): string => `${type}:${id}`;

/** The shape is the writer's. */
const deserialize = (text: string): { value: unknown } => ({
  value: JSON.parse(text, BufferJSON.reviver),
});

function openKeyv(adapter: KeyvStoreAdapter, namespace: string): Keyv {
  const keyv = new Keyv({
    store: adapter,
    namespace,
    useKeyPrefix: false,
    // Without it Keyv swallows a failed read, and Baileys would take that for "no such key".
    throwOnErrors: true,
    serialize: ({ value }) => serialize(value),
    deserialize: deserialize as KeyvOptions['deserialize'],
  });
  // Keyv emits what it also throws; an 'error' event without a listener would be thrown a second time.
  keyv.on('error', () => undefined);
  return keyv;
}

/** Protobuf messages lose their class in JSON; rc14 needs this type revived. */
const revive = (type: KeyType, value: unknown): unknown =>
  type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value as object) : value;

interface KeysDeps {
  keyv: Keyv;
  creds: AuthenticationCreds;
  onFailed: (error: unknown) => void;
}

function createKeys({ keyv, creds, onFailed }: KeysDeps): SignalKeyStore {
  const cache = new LRUCache<string, { value: unknown }>({ max: CACHED });
  /** Counts the beginnings and ends of writes. */
  let writes = 0;

  async function load(type: KeyType, ids: string[]): Promise<Map<string, unknown>> {
    if (ids.length === 0) return new Map();
    try {
      const values = await keyv.getMany<unknown>(ids.map((id) => nameOf(type, id)));
      return new Map(ids.map((id, index) => [id, values[index]]));
    } catch (error) {
      // rc14 would go on as if there was no such key, and refuse messages for good that it could not read.
      onFailed(error);
      throw error;
    }
  }

  return {
    async get<T extends KeyType>(type: T, ids: string[]) {
      const writesBefore = writes;
      const result: Record<string, SignalDataTypeMap[T]> = {};
      // Taken before the wait: a write meanwhile drops entries from the cache, and those keys would seem not to exist.
      const cached = new Map<string, { value: unknown }>();
      for (const id of ids) {
        const entry = cache.get(nameOf(type, id));
        if (entry) cached.set(id, entry);
      }
      const loaded = await load(
        type,
        ids.filter((id) => !cached.has(id)),
      );
      for (const id of ids) {
        const known = cached.get(id);
        const value = known ? known.value : loaded.get(id);
        // What a write has overtaken may be older than what was written: not for the cache. That there is none is kept
        // too: rc14 asks for a contact's privacy token before and after every message, and few have one.
        if (!known && type !== 'pre-key' && writes === writesBefore) cache.set(nameOf(type, id), { value });
        if (value === undefined || value === null) continue;
        result[id] = revive(type, value) as SignalDataTypeMap[T];
      }
      return result;
    },

    async set(data: SignalDataSet) {
      const entries = Object.entries(data).flatMap(([type, values]) =>
        Object.entries<unknown>(values).map(([id, value]) => ({
          key: nameOf(type, id),
          value: value ?? null,
        })),
      );
      // Forgotten before the write and known again only after it: a failed write never leaves a newer value in memory.
      for (const { key } of entries) cache.delete(key);
      // New prekeys and the number of the next are one: with the number lost, others would be made under the same numbers.
      const makesPreKeys = Object.values(data['pre-key'] ?? {}).some((value) => value !== null);
      writes += 1;
      await keyv.setMany(makesPreKeys ? [...entries, { key: CREDS, value: creds }] : entries);
      writes += 1;
      for (const { key, value } of entries) if (!key.startsWith('pre-key:')) cache.set(key, { value });
    },
  };
}

/**
 * Whether a code to type was asked for and the pairing never finished: rc14 writes `me` at once, and the next socket would
 * log in as somebody whom WhatsApp does not know (401).
 */
const isHalfPaired = ({ me, account }: AuthenticationCreds): boolean =>
  me !== undefined && account === undefined;

/**
 * Opens the auth state of a session, fresh when it has none or only those of a pairing that never finished.
 * @throws Error when the stored values were sealed with another encryption key; they are left as they are
 */
export async function openAuthState(deps: AuthStateDeps): Promise<AuthState> {
  endKeyTransactions();
  const adapter = createKeyvAdapter(deps);
  const keyv = openKeyv(adapter, deps.fence.sessionId);
  const stored = await keyv.get<AuthenticationCreds>(CREDS);
  const creds = stored === undefined || isHalfPaired(stored) ? initAuthCreds() : stored;
  let saving: Promise<void> = Promise.resolve();
  return {
    state: { creds, keys: createKeys({ keyv, creds, onFailed: deps.onFailed }) },
    saveCreds() {
      const saved = saving.then(async () => {
        await keyv.set(CREDS, creds);
      });
      saving = saved.catch(() => undefined);
      return saved;
    },
    saved: () => saving.then(() => adapter.flush()).catch(() => undefined),
    isPaired: () => creds.me !== undefined && creds.account !== undefined,
  };
}

/** Writes all of a login at once, for a session that has none. Call it in the transaction that makes the session. */
export async function writeAuthState(
  tx: Nouns,
  sessionId: string,
  { creds, keys }: { creds: AuthenticationCreds; keys: SignalDataSet },
): Promise<void> {
  const named = Object.entries(keys).flatMap(([type, values]) =>
    Object.entries<unknown>(values).map(([id, value]) => ({ key: nameOf(type, id), value })),
  );
  const entries = [...named, { key: CREDS, value: creds as unknown }].map(({ key, value }) => ({
    key,
    value: Buffer.from(serialize(value), 'utf8'),
  }));
  await tx.keyValues.setMany(sessionId, entries);
}

/** Forgets a session's credentials and keys. Call it under the fence. */
export const wipeAuthState = (tx: Nouns, sessionId: string): Promise<void> => tx.keyValues.clear(sessionId);
