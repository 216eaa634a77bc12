/**
 * Baileys' Signal repository with what it does not promise: an incoming plaintext is kept with its ratchet (see decryptions),
 * and each step of a ratchet stands by itself (see ratchets, signalContext). Used by inbox.
 */
import {
  DEFAULT_CONNECTION_CONFIG,
  type SignalKeyStoreWithTransaction,
  type SocketConfig,
} from '@whiskeysockets/baileys';
import type { StanzaAttributes } from '../store/inbox.js';
import type { Decryptions } from './decryptions.js';
import { createRatchets } from './ratchets.js';
import { keepSignalContext } from './signalContext.js';

export interface RepositoryParts extends Pick<Decryptions, 'decryptAndKeep'> {
  /** The message that a ciphertext belongs to; undefined: one that is not kept. */
  stanzaOf: (ciphertext: Uint8Array) => StanzaAttributes | undefined;
}

export const makeRepository =
  ({ stanzaOf, decryptAndKeep }: RepositoryParts): SocketConfig['makeSignalRepository'] =>
  (auth, logger, pnToLid) => {
    keepSignalContext();
    const base = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, pnToLid);
    // Baileys passes the store that it has given transactions to; the type of the option does not say so.
    const keys = auth.keys as SignalKeyStoreWithTransaction;
    const ratchets = createRatchets({ keys, lidMapping: base.lidMapping });

    async function keep(
      ciphertext: Uint8Array,
      lock: string,
      decrypt: () => Promise<Uint8Array>,
    ): Promise<Uint8Array> {
      const stanza = stanzaOf(ciphertext);
      if (stanza) return decryptAndKeep({ ciphertext, keys, lock, decrypt }, stanza);
      return keys.transaction(decrypt, lock);
    }

    return {
      ...base,
      encryptMessage: (options) => ratchets.step(options.jid, () => base.encryptMessage(options)),
      injectE2ESession: (options) => ratchets.step(options.jid, () => base.injectE2ESession(options)),
      decryptMessage: async (options) =>
        keep(options.ciphertext, await ratchets.lockOf(options.jid), () => base.decryptMessage(options)),
      decryptGroupMessage: (options) =>
        keep(options.msg, options.group, () => base.decryptGroupMessage(options)),
    };
  };
