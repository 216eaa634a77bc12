/**
 * Makes every incoming plaintext durable before WhatsApp gets the receipt. Baileys sends the receipt as soon as its
 * Signal repository has decrypted, so the repository is wrapped: the plaintext is written in the very transaction that
 * moves the ratchet on (see decryptions). A crash before that commit makes WhatsApp deliver again; a crash after it loses
 * nothing. Works the same for a ciphertext that comes twice: what was decrypted once is answered from the table.
 */
import { DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys';
import type { BinaryNode, SignalKeyStoreWithTransaction, SocketConfig } from '@whiskeysockets/baileys';
import type { StanzaAttributes } from '../store/inbox.js';
import { createDecryptions, type DecryptionsDeps } from './decryptions.js';
import type { Alongside } from './writeBehind.js';

export interface Inbox {
  /** Sees every stanza before Baileys handles it, to know which message a ciphertext belongs to. */
  observe: (node: BinaryNode) => void;
  makeSignalRepository: SocketConfig['makeSignalRepository'];
  /** What joins the transaction that commits the ratchet (see writeBehind). */
  alongside: () => Alongside | null;
}

export function createInbox(deps: DecryptionsDeps): Inbox {
  // Keyed by the byte array itself: Baileys hands the stanza's own array to the repository, and the entry goes with it.
  const stanzas = new WeakMap<Uint8Array, StanzaAttributes>();
  const { decryptAndKeep, alongside } = createDecryptions(deps);

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
