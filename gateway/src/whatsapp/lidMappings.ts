/**
 * Which phone number belongs to which LID, for one session: what stanzas have said, and what Baileys keeps in its
 * `lid-mapping` keys. Used by the inbox loop, so that a message by LID alone still names the phone.
 */
import { LRUCache } from 'lru-cache';
import { lidJid, splitJid, type Identity } from '../domain/address.js';
import type { Store } from '../store/index.js';
import type { Completion } from './incoming/people.js';

/** People remembered per session; the others are read again. */
const REMEMBERED = 2_000;

export interface LidMappings {
  /** Remembers what stanzas say of these people, and reads what they leave out. */
  load: (people: readonly Identity[]) => Promise<void>;
  complete: Completion;
}

const lidUser = (lid: string): string => splitJid(lid)?.user ?? lid;

/** rc14 names the key of a LID `<user>_reverse`; both hold the other's user part. */
const keyOf = ({ phone, lid }: Identity): string | null => {
  if (phone !== null && lid === null) return `lid-mapping:${phone}`;
  return phone === null && lid !== null ? `lid-mapping:${lidUser(lid)}_reverse` : null;
};

export function createLidMappings(store: Pick<Store, 'keyValues'>, sessionId: string): LidMappings {
  const lids = new LRUCache<string, string>({ max: REMEMBERED });
  const phones = new LRUCache<string, string>({ max: REMEMBERED });

  function learn({ phone, lid }: Identity): void {
    if (phone === null || lid === null) return;
    lids.set(phone, lid);
    phones.set(lid, phone);
  }

  const complete: Completion = ({ phone, lid }) => ({
    phone: phone ?? (lid === null ? null : (phones.get(lid) ?? null)),
    lid: lid ?? (phone === null ? null : (lids.get(phone) ?? null)),
  });

  return {
    complete,
    async load(people) {
      for (const person of people) learn(person);
      const missing = new Map<string, Identity>();
      for (const person of people) {
        const key = keyOf(complete(person));
        if (key !== null) missing.set(key, person);
      }
      const found = await store.keyValues.getMany(sessionId, [...missing.keys()]);
      for (const [key, { phone, lid }] of missing) {
        const value = found.get(key);
        const user: unknown = value && JSON.parse(value.toString('utf8'));
        if (typeof user !== 'string') continue;
        learn(phone === null ? { phone: user, lid } : { phone, lid: lidJid(user) });
      }
    },
  };
}
