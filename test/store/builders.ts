/**
 * Rows for the store's tests, complete and plain; a test names only what it is about.
 */
import type { Session } from '../../gateway/src/domain/session.js';
import type { Store } from '../../gateway/src/store/index.js';
import type { MessageInsert } from '../../gateway/src/store/messages.js';
import type { SessionInsert } from '../../gateway/src/store/sessions.js';

/** Milliseconds since 1970: larger than 32 bits, as real times are. */
export const NOW = Date.UTC(2026, 0, 1);

export const sessionOf = (id: string, more: Partial<SessionInsert> = {}): SessionInsert => ({
  id,
  name: null,
  metadata: {},
  policy: null,
  desired: 'started',
  now: NOW,
  ...more,
});

/** Inserts sessions that differ in their ids only. */
export async function addSessions(store: Store, ...ids: string[]): Promise<void> {
  for (const id of ids) await store.sessions.insert(sessionOf(id));
}

export async function findSession(store: Store, id: string): Promise<Session> {
  const session = await store.sessions.find(id);
  if (!session) throw new Error(`no session ${id}`);
  return session;
}

let count = 0;

/** A queued text message with ids of its own. */
export function messageOf(more: Partial<MessageInsert> = {}): MessageInsert {
  count += 1;
  return {
    id: `msg_${String(count)}`,
    waId: `3EB0${String(count)}`,
    sessionId: 's1',
    keyId: 'key_1',
    to: '4915112345678',
    chatJid: '4915112345678@s.whatsapp.net',
    content: { type: 'text', text: { body: 'Hello' } },
    contextMessageId: null,
    status: 'queued',
    priority: 0,
    queuedAt: NOW,
    sendAt: null,
    expiresAt: null,
    retryAt: null,
    hold: null,
    attempts: 0,
    error: null,
    timeline: [{ status: 'queued', at: NOW }],
    reference: null,
    campaignId: null,
    test: false,
    ...more,
  };
}
