/**
 * Makes the plaintext of one decryption durable: its inbox row is written in the very transaction that moves the ratchet
 * on. Used by inbox, which stands where Baileys decrypts; this keeps the books.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { MISSING_KEYS_ERROR_TEXT, type SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import type { Clock } from '../lib/clock.js';
import type { InboxInsert, StanzaAttributes } from '../store/inbox.js';
import type { Store } from '../store/index.js';
import type { Alongside } from './writeBehind.js';

export interface DecryptionsDeps {
  store: Store;
  clock: Clock;
  sessionId: string;
  /** Something is durable: the inbox loop has work. */
  onStored: () => void;
  /** A plaintext could not be written. The socket must close before a receipt goes out, so that it comes again. */
  onFailed: (error: unknown) => void;
}

/** One decryption in progress: what is to be written, and whether a commit took it along. */
interface Decryption {
  row: InboxInsert | null;
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
  /** Decrypts, and resolves with the plaintext once it is durable. */
  decryptAndKeep: (work: Work, stanza: StanzaAttributes) => Promise<Uint8Array>;
  /** What joins the transaction that commits the ratchet; null outside of a decryption (see writeBehind). */
  alongside: () => Alongside | null;
}

export function createDecryptions(deps: DecryptionsDeps): Decryptions {
  const { store, clock, sessionId, onStored, onFailed } = deps;
  const decrypting = new AsyncLocalStorage<Decryption>();

  function alongside(): Alongside | null {
    const decryption = decrypting.getStore();
    const row = decryption?.row;
    if (!row) return null;
    return async (tx) => {
      await tx.inbox.insert(row);
      decryption.written = true;
    };
  }

  async function decryptAndKeep(work: Work, stanza: StanzaAttributes): Promise<Uint8Array> {
    const decryption: Decryption = { row: null, written: false };
    try {
      const plaintext = await decrypting.run(decryption, () =>
        decryptInTransaction(work, decryption, stanza),
      );
      // A decryption that changed no key had no commit to go along with.
      if (decryption.row && !decryption.written) await store.inbox.insert(decryption.row);
      if (decryption.row) onStored();
      return plaintext;
    } catch (error) {
      // Decrypted but not kept: what failed is the database, not the message.
      if (decryption.row) onFailed(error);
      else await remember(stanza);
      throw error;
    }
  }

  /** Baileys asks the sender for it again, and tells WhatsApp that it has come: from here on only we know of it. */
  async function remember(stanza: StanzaAttributes): Promise<void> {
    try {
      await store.transaction((tx) => tx.undecrypted.add(sessionId, stanza, clock.now()));
      onStored();
    } catch (error) {
      onFailed(error);
    }
  }

  const decryptInTransaction = (work: Work, decryption: Decryption, stanza: StanzaAttributes) =>
    work.keys.transaction(async () => {
      const { ciphertextHash, plaintext, known } = await decryptOnce(work, stanza);
      if (!known) {
        const kept = { plaintext: Buffer.from(plaintext), receivedAt: clock.now() };
        decryption.row = { sessionId, stanza, ciphertextHash, ...kept };
      }
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

  return { decryptAndKeep, alongside };
}
