/**
 * Makes every incoming plaintext durable before WhatsApp gets the receipt. Baileys sends the receipt as soon as its
 * Signal repository has decrypted, so the repository is wrapped: the plaintext is written in the very transaction that
 * moves the ratchet on. A crash before that commit makes WhatsApp deliver again; a crash after it loses nothing.
 * Works the same for a ciphertext that comes twice: what was decrypted once is answered from the table.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys';
import type { BinaryNode, SignalKeyStoreWithTransaction, SocketConfig } from '@whiskeysockets/baileys';
import type { Clock } from '../lib/clock.js';
import type { InboxInsert, StanzaAttributes } from '../store/inbox.js';
import type { Nouns, Store } from '../store/index.js';

export interface InboxDeps {
  store: Store;
  clock: Clock;
  sessionId: string;
  /** A plaintext is durable: it can become an event. */
  onStored: () => void;
  /** A plaintext could not be written. The socket must close before a receipt goes out, so that it comes again. */
  onFailed: (error: unknown) => void;
}

export interface Inbox {
  /** Sees every stanza before Baileys handles it, to know which message a ciphertext belongs to. */
  observe(node: BinaryNode): void;
  makeSignalRepository: SocketConfig['makeSignalRepository'];
  /** What joins the transaction that commits the ratchet (see whatsapp/keyvAdapter). */
  alongside: () => ((tx: Nouns) => Promise<void>) | null;
}

/** One decryption in progress: what is to be written, and whether a commit took it along. */
interface Decryption {
  row: InboxInsert | null;
  written: boolean;
}

const hashOf = (ciphertext: Uint8Array): string => createHash('sha256').update(ciphertext).digest('base64');

interface Decrypted {
  plaintext: Uint8Array;
  ciphertextHash: string;
  /** Answered from the table: nothing new to write. */
  known: boolean;
}

/** One call of the repository. */
interface Work {
  ciphertext: Uint8Array;
  keys: SignalKeyStoreWithTransaction;
  /** Transactions of one name run one after the other; the names are Baileys' own. */
  lock: string;
  decrypt: () => Promise<Uint8Array>;
}

export function createInbox({ store, clock, sessionId, onStored, onFailed }: InboxDeps): Inbox {
  // Keyed by the byte array itself: Baileys hands the stanza's own array to the repository, and the entry goes with it.
  const stanzas = new WeakMap<Uint8Array, StanzaAttributes>();
  const decrypting = new AsyncLocalStorage<Decryption>();

  function alongside(): ((tx: Nouns) => Promise<void>) | null {
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
      throw error;
    }
  }

  const decryptInTransaction = (
    work: Work,
    decryption: Decryption,
    stanza: StanzaAttributes,
  ): Promise<Uint8Array> =>
    work.keys.transaction(async () => {
      const { ciphertextHash, plaintext, known } = await decryptOnce(work, stanza);
      if (!known) {
        decryption.row = {
          sessionId,
          stanza,
          ciphertextHash,
          plaintext: Buffer.from(plaintext),
          receivedAt: clock.now(),
        };
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
      throw error;
    }
  }

  return {
    alongside,
    observe(node) {
      // Messages from our own phone to this device (history, keys) are the client's business, not a chat's.
      if (node.tag !== 'message' || node.attrs.category === 'peer' || !Array.isArray(node.content)) return;
      for (const child of node.content) {
        if (child.tag === 'enc' && child.content instanceof Uint8Array)
          stanzas.set(child.content, node.attrs);
      }
    },
    makeSignalRepository(auth, logger, pnToLid) {
      const base = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, pnToLid);
      // Baileys passes the store that it has given transactions to; the type of the option does not say so.
      const keys = auth.keys as SignalKeyStoreWithTransaction;
      const keep = (
        ciphertext: Uint8Array,
        lock: string,
        decrypt: () => Promise<Uint8Array>,
      ): Promise<Uint8Array> => {
        const stanza = stanzas.get(ciphertext);
        return stanza ? decryptAndKeep({ ciphertext, keys, lock, decrypt }, stanza) : decrypt();
      };
      return {
        ...base,
        decryptMessage: (options) =>
          keep(options.ciphertext, options.jid, () => base.decryptMessage(options)),
        decryptGroupMessage: (options) =>
          keep(options.msg, options.group, () => base.decryptGroupMessage(options)),
      };
    },
  };
}
