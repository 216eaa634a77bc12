/**
 * Keeps the plaintext of one decryption: its inbox row is written in the very transaction that moves the ratchet on. The
 * commit is not waited to the disk here, but nothing leaves the socket before (see frameGate). Used by inbox, which
 * stands where Baileys decrypts; this keeps the books.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { MISSING_KEYS_ERROR_TEXT, type SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import type { Clock } from '../lib/clock.js';
import type { InboxInsert, StanzaAttributes } from '../store/inbox.js';
import type { Store } from '../store/index.js';
import { isFromPeer, resentIn } from './resent.js';
import type { Alongside } from './writeBehind.js';

/** Who works on what was written here. */
export interface InboxListener {
  /** Something is committed: the inbox loop has work. */
  onStored: () => void;
  /** A message that could not be decrypted is remembered: it is to be asked for again. */
  onUndecrypted: () => void;
}

export interface DecryptionsDeps extends InboxListener {
  store: Store;
  clock: Clock;
  sessionId: string;
  /** A plaintext could not be written. The socket must close before a receipt goes out, so that it comes again. */
  onFailed: (error: unknown) => void;
}

/** One decryption in progress: what is to be written, and whether a commit took it along. */
interface Decryption {
  rows: InboxInsert[];
  written: boolean;
}

/**
 * rc14 takes a message whose key is used up for one that was dealt with, and refuses it for good. One of which nothing is
 * kept was not: with another text it is asked for again, as every other that cannot be decrypted.
 */
const notKept = (error: unknown): unknown =>
  error instanceof Error && error.message === MISSING_KEYS_ERROR_TEXT
    ? new Error('The key of the message is used up, and its plaintext is not kept.', { cause: error })
    : error;

const hashOf = (ciphertext: Uint8Array): string => createHash('sha256').update(ciphertext).digest('base64');

interface Decrypted {
  plaintext: Uint8Array;
  ciphertextHash: string;
  /** Answered from the table: nothing new to write. */
  known: boolean;
}

/** One call of the repository. */
export interface Work {
  ciphertext: Uint8Array;
  keys: SignalKeyStoreWithTransaction;
  /** Transactions of one name run one after the other; the names are Baileys' own. */
  lock: string;
  decrypt: () => Promise<Uint8Array>;
}

export interface Decryptions {
  /** Decrypts, and resolves with the plaintext once it is committed. */
  decryptAndKeep: (work: Work, stanza: StanzaAttributes) => Promise<Uint8Array>;
  /** Resolves when all that was committed is on the disk; null: it is. */
  syncing: () => Promise<void> | null;
  /** What joins the transaction that commits the ratchet; null outside of a decryption (see writeBehind). */
  alongside: () => Alongside | null;
}

/** Follows what was committed to the disk. */
function createSync({ store, onFailed }: Pick<DecryptionsDeps, 'store' | 'onFailed'>) {
  let last: Promise<void> | null = null;
  return {
    /** Asks for the disk at once: by the time the receipt is made it may be there. */
    sync: (): void => {
      const synced = store.durable();
      last = synced;
      synced
        .then(() => {
          if (last === synced) last = null;
        })
        // It stays the last one: no frame goes out any more.
        .catch(onFailed);
    },
    syncing: () => last,
  };
}

export function createDecryptions(deps: DecryptionsDeps): Decryptions {
  const { store, clock, sessionId, onStored, onFailed, onUndecrypted } = deps;
  const decrypting = new AsyncLocalStorage<Decryption>();
  const { sync, syncing } = createSync(deps);

  function alongside(): Alongside | null {
    const decryption = decrypting.getStore();
    if (!decryption || decryption.rows.length === 0) return null;
    return async (tx) => {
      for (const row of decryption.rows) await tx.inbox.insert(row);
      decryption.written = true;
    };
  }

  async function decryptAndKeep(work: Work, stanza: StanzaAttributes): Promise<Uint8Array> {
    const decryption: Decryption = { rows: [], written: false };
    try {
      const plaintext = await decrypting.run(decryption, () =>
        decryptInTransaction(work, decryption, stanza),
      );
      // A decryption that changed no key had no commit to go along with.
      if (!decryption.written) for (const row of decryption.rows) await store.inbox.insert(row);
      sync();
      if (decryption.rows.length > 0) onStored();
      return plaintext;
    } catch (error) {
      // Decrypted but not kept: what failed is the database, not the message.
      if (decryption.rows.length > 0) onFailed(error);
      else if (!isFromPeer(stanza)) await remember(stanza);
      throw error;
    }
  }

  /** Baileys asks the sender for it again, and tells WhatsApp that it has come: from here on only we know of it. */
  async function remember(stanza: StanzaAttributes): Promise<void> {
    try {
      const missing = { stanza, firstSeenAt: clock.now() };
      await store.transaction((tx) => tx.undecrypted.add(sessionId, missing));
      onStored();
      onUndecrypted();
    } catch (error) {
      onFailed(error);
    }
  }

  const decryptInTransaction = (work: Work, decryption: Decryption, stanza: StanzaAttributes) =>
    work.keys.transaction(async () => {
      const { ciphertextHash, plaintext, known } = await decryptOnce(work, stanza);
      if (known) return plaintext;
      // Messages from our own phone to this device (history, keys) are the client's business, not a chat's.
      const kept = isFromPeer(stanza)
        ? await resentIn(deps, stanza, plaintext)
        : [{ sessionId, stanza, ciphertextHash, plaintext: Buffer.from(plaintext) }];
      decryption.rows = kept.map((row) => ({ ...row, receivedAt: clock.now() }));
      return plaintext;
    }, work.lock);

  async function decryptOnce({ ciphertext, decrypt }: Work, stanza: StanzaAttributes): Promise<Decrypted> {
    const ciphertextHash = hashOf(ciphertext);
    try {
      return { plaintext: await decrypt(), ciphertextHash, known: false };
    } catch (error) {
      const kept = await store.inbox.findPlaintext(sessionId, stanza, ciphertextHash);
      if (kept) return { plaintext: kept, ciphertextHash, known: true };
      throw notKept(error);
    }
  }

  return { decryptAndKeep, alongside, syncing };
}
