/**
 * What a session shows in its chats besides messages: typing, being online, having read. Checked here, carried out by
 * the process that has the socket.
 */
import { parseRecipient } from '../domain/address.js';
import { gatewayError } from '../domain/error.js';
import type { InboxEntry } from '../store/inbox.js';
import type { WhatsAppDeps } from './ports.js';
import type { Ask, ReadKey } from './questions.js';
import type { SessionRows } from './sessionRows.js';
import type { Sessions } from './types.js';

export interface ChatsDeps extends Pick<WhatsAppDeps, 'store'>, Pick<SessionRows, 'get'> {
  ask: Ask;
}

const keyOf = ({ stanza }: InboxEntry): ReadKey => ({
  remoteJid: stanza.from ?? '',
  id: stanza.id ?? '',
  ...(stanza.participant !== undefined && { participant: stanza.participant }),
});

export function createChats({ store, get, ask }: ChatsDeps): Pick<Sessions, 'showPresence' | 'markRead'> {
  async function find(sessionId: string, messageId: string): Promise<InboxEntry> {
    const entry = await store.inbox.findByStanzaId(messageId, [sessionId]);
    if (entry) return entry;
    throw gatewayError('message_not_found', `No message ${messageId} came in to session ${sessionId}.`);
  }

  return {
    async showPresence(id, { chat, state }) {
      await get(id);
      await ask('presence', id, { jid: chat === undefined ? null : parseRecipient(chat).jid, state });
    },
    async markRead(id, messageIds) {
      await get(id);
      const keys: ReadKey[] = [];
      for (const messageId of messageIds) keys.push(keyOf(await find(id, messageId)));
      await ask('read', id, keys);
    },
  };
}
