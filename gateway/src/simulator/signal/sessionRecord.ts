/**
 * What libsignal's session records lack for a server that plays many phones: a copy to fall back on, cheaper than writing the
 * record out and reading it back, and an end to the chains of past turns, which libsignal keeps for ever. Used by signalDevice.ts.
 */
import type { SessionRecord } from 'libsignal';

/** Keys of one turn. Buffers in it are replaced, never changed. */
interface Chain {
  chainKey: { counter: number; key?: Buffer };
  chainType: number;
  messageKeys: Record<string, Buffer>;
}

/** One session; a record has several after the other side has begun anew. */
interface Entry {
  currentRatchet: object;
  indexInfo: object;
  /** In the order of the turns. */
  _chains: Record<string, Chain>;
}

const SENDING = 1;
/** As many as phones keep (libsignal's MAX_RECEIVER_CHAINS): what comes later than that is asked for again. */
const MAX_RECEIVING_CHAINS = 5;

/** Its types keep to themselves what the record is made of. */
const entriesOf = (record: SessionRecord): Record<string, Entry> =>
  (record as unknown as { sessions: Record<string, Entry> }).sessions;

/** The same object anew, with its methods. */
const copy = <T extends object>(original: T): T =>
  Object.assign(Object.create(Object.getPrototypeOf(original) as object) as T, original);

/** A chain that has ended and owes no message stays as it is for ever: records share it. */
function copyChain(chain: Chain): Chain {
  const { chainKey, chainType, messageKeys } = chain;
  const { counter, key } = chainKey;
  if (key) return { chainKey: { counter, key }, chainType, messageKeys: { ...messageKeys } };
  for (const _ in messageKeys) return { chainKey: { counter }, chainType, messageKeys: { ...messageKeys } };
  return chain;
}

function copyEntry(entry: Entry): Entry {
  const same = copy(entry);
  same.currentRatchet = { ...entry.currentRatchet };
  same.indexInfo = { ...entry.indexInfo };
  same._chains = {};
  for (const key in entry._chains) {
    const chain = entry._chains[key];
    if (chain) same._chains[key] = copyChain(chain);
  }
  return same;
}

/** A record that stays as it is whatever is done with the original. */
export function copyRecord(record: SessionRecord): SessionRecord {
  const same = copy(record);
  const entries: Record<string, Entry> = {};
  for (const [key, entry] of Object.entries(entriesOf(record))) entries[key] = copyEntry(entry);
  Object.assign(same, { sessions: entries });
  return same;
}

/** Forgets the keys of turns that are long past. */
export function forgetOldChains(record: SessionRecord): void {
  for (const entry of Object.values(entriesOf(record))) {
    const chains = Object.entries(entry._chains);
    const receiving = chains.flatMap(([key, { chainType }]) => (chainType === SENDING ? [] : [key]));
    if (receiving.length <= MAX_RECEIVING_CHAINS) continue;
    const old = new Set(receiving.slice(0, -MAX_RECEIVING_CHAINS));
    entry._chains = Object.fromEntries(chains.filter(([key]) => !old.has(key)));
  }
}
