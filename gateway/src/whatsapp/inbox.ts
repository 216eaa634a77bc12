/**
 * Makes every incoming plaintext durable before WhatsApp gets the receipt. Baileys sends the receipt as soon as its
 * Signal repository has decrypted, so the repository is wrapped: the plaintext is written in the very transaction that
 * moves the ratchet on (see decryptions). A crash before that commit makes WhatsApp deliver again; a crash after it loses
 * nothing. Works the same for a ciphertext that comes twice: what was decrypted once is answered from the table.
 * Stanzas that carry no ciphertext (calls, changes of groups, messages for the phone alone) are kept as they are.
 */
import { createHash } from 'node:crypto';
import type { BinaryNode, SocketConfig } from '@whiskeysockets/baileys';
import type { InboxKind, StanzaAttributes } from '../store/inbox.js';
import { createDecryptions, type DecryptionsDeps } from './decryptions.js';
import { makeRepository } from './repository.js';
import { encodeParts, partsOf } from './stanzas.js';
import type { Alongside } from './writeBehind.js';

export interface Inbox {
  /** Sees every stanza before Baileys handles it, to know which message a ciphertext belongs to. */
  observe: (node: BinaryNode) => void;
  /** Makes durable what a stanza says without ciphertext. Resolves before Baileys may acknowledge it. */
  keep: (node: BinaryNode) => Promise<void>;
  makeSignalRepository: SocketConfig['makeSignalRepository'];
  /** What joins the transaction that commits the ratchet (see writeBehind). */
  alongside: () => Alongside | null;
  /** Resolves when all decrypted messages are on the disk; null: they are. Nothing may go out before (see frameGate). */
  syncing: () => Promise<void> | null;
}

const isEncrypted = ({ content }: BinaryNode): boolean =>
  Array.isArray(content) && content.some(({ tag, attrs }) => tag === 'enc' && attrs.type !== 'msmsg');

type Plain = { kind: InboxKind } | 'phone_only' | null;

/** What a stanza is, when it has to be kept as it came. */
function plainOf(node: BinaryNode): Plain {
  const { tag, attrs, content } = node;
  if (tag === 'call') return { kind: 'call' };
  if (tag === 'notification') return { kind: 'group' };
  if (attrs.category === 'peer' || isEncrypted(node) || !Array.isArray(content)) return null;
  if (content.some((part) => part.tag === 'plaintext')) return null;
  const unavailable = content.find((part) => part.tag === 'unavailable');
  // Without a type the phone hands it over when it is asked; the others are for the phone alone.
  if (unavailable && unavailable.attrs.type === undefined) return 'phone_only';
  return { kind: 'unavailable' };
}

export function createInbox(deps: DecryptionsDeps): Inbox {
  const { store, clock, sessionId, onStored, onFailed, onUndecrypted } = deps;
  // Keyed by the byte array itself: Baileys hands the stanza's own array to the repository, and the entry goes with it.
  const stanzas = new WeakMap<Uint8Array, StanzaAttributes>();
  const { decryptAndKeep, alongside, syncing } = createDecryptions(deps);

  async function keepPlain(node: BinaryNode, plain: NonNullable<Plain>): Promise<void> {
    const { attrs: stanza } = node;
    if (plain === 'phone_only') {
      const missing = { stanza, firstSeenAt: clock.now(), phoneOnly: true };
      await store.transaction((tx) => tx.undecrypted.add(sessionId, missing));
      onUndecrypted();
      return;
    }
    const plaintext = encodeParts(partsOf(node));
    const ciphertextHash = createHash('sha256').update(plaintext).digest('base64');
    const entry = { sessionId, ...plain, stanza, ciphertextHash, plaintext, receivedAt: clock.now() };
    await store.transaction((tx) => tx.inbox.insert(entry));
  }

  return {
    alongside,
    syncing,
    async keep(node) {
      const plain = plainOf(node);
      if (!plain) return;
      try {
        await keepPlain(node, plain);
      } catch (error) {
        onFailed(error);
        throw error;
      }
      onStored();
    },
    observe(node) {
      if (node.tag !== 'message' || !Array.isArray(node.content)) return;
      for (const child of node.content) {
        if (child.tag === 'enc' && child.content instanceof Uint8Array)
          stanzas.set(child.content, node.attrs);
      }
    },
    makeSignalRepository: makeRepository({
      stanzaOf: (ciphertext) => stanzas.get(ciphertext),
      decryptAndKeep,
    }),
  };
}
