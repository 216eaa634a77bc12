/**
 * The request to a sender to send a message again, with fresh keys for a new Signal session. Made by Baileys, which counts
 * in a cache; the count that matters is in the database (see askAgain, which uses this).
 */
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { StanzaAttributes } from '../store/inbox.js';
import type { BaileysCaches } from './caches.js';

/** Asks for the message of a stanza; `count` says for the how many-th time, from 1. */
export type RequestAgain = (stanza: StanzaAttributes, count: number) => Promise<void>;

export interface RetryRequestDeps {
  client: Pick<WASocket, 'sendRetryRequest'>;
  caches: Pick<BaileysCaches, 'msgRetryCounterCache'>;
}

export const createRetryRequest =
  ({ client, caches }: RetryRequestDeps): RequestAgain =>
  async (stanza, count) => {
    // The name under which rc14 counts, and one less: it adds one for the request that it makes.
    await caches.msgRetryCounterCache.set(`${String(stanza.id)}:${String(stanza.participant)}`, count - 1);
    const node: BinaryNode = { tag: 'message', attrs: stanza };
    await client.sendRetryRequest(node, true);
  };
