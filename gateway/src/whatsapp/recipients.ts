/**
 * Whether a phone number is on WhatsApp and by which JID: asked of WhatsApp once, then answered from the database.
 */
import { LRUCache } from 'lru-cache';
import type { Address } from '../domain/address.js';
import type { Clock } from '../lib/clock.js';
import type { Store } from '../store/index.js';
import type { RecipientRecord } from '../store/recipients.js';
import { createAskNumber, type AskNumber } from './askNumbers.js';
import type { Recipient } from './types.js';
import type { WhatsAppSession } from './session.js';

const DAY_MS = 24 * 3_600_000;
/** A number that exists rarely goes; one that does not may be registered any minute. */
const KNOWN_FOR_MS = 7 * DAY_MS;
const UNKNOWN_FOR_MS = 600_000;
/** Kept in memory beside: so many, and so long. */
const REMEMBERED = 2_000;
const REMEMBERED_FOR_MS = 60_000;

export interface RecipientsDeps {
  store: Store;
  clock: Clock;
  onError: (error: unknown) => void;
}

export function createRecipients({ store, clock, onError }: RecipientsDeps) {
  // Each message asks twice. Short, because another process may have asked WhatsApp anew.
  const remembered = new LRUCache<string, RecipientRecord>({
    max: REMEMBERED,
    ttl: REMEMBERED_FOR_MS,
  });
  /** One for each live socket. */
  const asking = new WeakMap<WhatsAppSession['client'], AskNumber>();

  async function find(phone: string): Promise<RecipientRecord | null> {
    const known = remembered.get(phone);
    if (known) return known;
    const record = await store.recipients.find(phone);
    if (record?.exists) remembered.set(phone, record);
    return record;
  }

  async function cached(phone: string): Promise<Recipient | null> {
    const record = await find(phone);
    if (!record) return null;
    const age = clock.now() - record.checkedAt;
    if (age >= (record.exists ? KNOWN_FOR_MS : UNKNOWN_FOR_MS)) return null;
    const { exists, jid, lid } = record;
    return { exists, phone, jid, lid };
  }

  function askOf({ client }: WhatsAppSession): AskNumber {
    const known = asking.get(client);
    if (known) return known;
    const created = createAskNumber(client, onError);
    asking.set(client, created);
    return created;
  }

  async function ask(session: WhatsAppSession, phone: string): Promise<Recipient | null> {
    const told = await askOf(session)(phone);
    if (told === null) return null;
    const recipient = { exists: told.jid !== null, phone, ...told };
    await store.recipients.save({ ...recipient, checkedAt: clock.now() });
    return recipient;
  }

  return {
    /** What is known of the address; null when it is not in the cache and WhatsApp cannot be asked or did not answer. */
    async lookUp(session: WhatsAppSession | null, address: Address): Promise<Recipient | null> {
      if (address.kind !== 'phone') {
        return {
          exists: true,
          phone: '',
          jid: address.jid,
          lid: address.kind === 'lid' ? address.jid : null,
        };
      }
      const known = await cached(address.user);
      if (known || !session?.isOpen()) return known;
      try {
        return await ask(session, address.user);
      } catch (error) {
        onError(error);
        return null;
      }
    },
  };
}

export type Recipients = ReturnType<typeof createRecipients>;
