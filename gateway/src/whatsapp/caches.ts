/**
 * The caches that Baileys asks for, bounded, and kept over reconnects of a session: with new ones each socket would ask
 * for every device list again and start its retry counts from nothing.
 */
import type { CacheStore, PossiblyExtendedCacheStore } from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';

const HOUR_MS = 3_600_000;

export interface BaileysCaches {
  userDevicesCache: PossiblyExtendedCacheStore;
  msgRetryCounterCache: CacheStore;
  placeholderResendCache: CacheStore;
}

function createCache(max: number, ttlMs: number): CacheStore {
  const entries = new LRUCache<string, { value: unknown }>({ max, ttl: ttlMs });
  return {
    // Only Baileys knows which of its types a key holds.
    get: ((key: string) => entries.get(key)?.value) as CacheStore['get'],
    set: (key, value) => void entries.set(key, { value }),
    del: (key) => void entries.delete(key),
    flushAll: () => {
      entries.clear();
    },
  };
}

/**
 * rc14 asks the own phone for each message that it cannot decrypt, and waits for two seconds before, with all messages
 * behind it. It asks for none of which this says that it was asked for; `askAgain` asks, beside the lane.
 */
const asksForNothing = (): CacheStore => ({
  // Only Baileys knows which of its types a key holds.
  get: (() => true) as CacheStore['get'],
  set: () => undefined,
  del: () => undefined,
  flushAll: () => undefined,
});

/**
 * Small, because a cache takes its room at once and most sessions are idle. Device lists live for an hour: each refresh
 * costs two queries and one of the contact's one-time prekeys.
 */
export const createBaileysCaches = (): BaileysCaches => ({
  userDevicesCache: createCache(500, HOUR_MS),
  msgRetryCounterCache: createCache(200, HOUR_MS),
  placeholderResendCache: asksForNothing(),
});
