/**
 * Reading the outbox: one message, lists of them, what a queue looks like and when a message will probably go.
 */
import { readUntil } from '../cluster/until.js';
import { parseRecipient, plainAddress } from '../domain/address.js';
import { gatewayError } from '../domain/error.js';
import { hasReached, type Message } from '../domain/message.js';
import { ownHold, type Outlook } from './outlook.js';
import type { OutboxDeps } from './ports.js';
import type { MessageFilter, Outbox, QueueState } from './types.js';

const DAY_MS = 24 * 3_600_000;

export type Reader = Pick<Outbox, 'get' | 'list' | 'waitFor' | 'queueState' | 'describe'>;

type ReaderDeps = Pick<OutboxDeps, 'store' | 'clock' | 'bell'> & { outlook: Outlook };

/** As it stands in a message's `to`, however it is written; what is no address is nobody's. */
function plainRecipient(to: string): string {
  try {
    return plainAddress(parseRecipient(to));
  } catch {
    return to;
  }
}

export function createReader({ store, clock, bell, outlook }: ReaderDeps): Reader {
  async function get(id: string): Promise<Message> {
    const message = (await store.messages.find(id)) ?? (await store.messages.findByWaId(id));
    if (message) return message;
    throw gatewayError('message_not_found', `There is no message ${id}.`);
  }

  async function list(filter: MessageFilter): Promise<{ data: Message[]; nextCursor: string | null }> {
    const { cursor, limit, to, ...rest } = filter;
    const before = cursor === undefined ? undefined : Number(cursor);
    const recipient = to === undefined ? undefined : plainRecipient(to);
    const data = await store.messages.list({ ...rest, to: recipient, before, limit: limit + 1 });
    const page = data.slice(0, limit);
    const last = page.at(-1);
    return { data: page, nextCursor: data.length > limit && last ? String(last.position) : null };
  }

  /** The message that goes next, as far as one can say. */
  async function nextMessage(sessionId: string): Promise<Message | null> {
    const live = await store.messages.candidate({ sessionId, test: false });
    const next = live ?? (await store.messages.candidate({ sessionId, test: true }));
    return next?.message ?? store.messages.firstHeld(sessionId);
  }

  async function nextOf(sessionId: string): Promise<Pick<QueueState, 'nextSendAt' | 'hold'>> {
    const now = clock.now();
    const session = await store.sessions.find(sessionId);
    const next = await nextMessage(sessionId);
    const { hold } = session ? await outlook.laneState(session, next?.test ?? false) : { hold: null };
    if (hold?.code === 'paused') return { nextSendAt: null, hold };
    if (!next) return { nextSendAt: (await store.messages.nextTimes(sessionId)).due, hold: null };
    const held = hold?.until === null ? hold : (ownHold(next, now) ?? hold);
    return { nextSendAt: held ? held.until : now, hold: held };
  }

  async function queueState(sessionId: string): Promise<QueueState> {
    const now = clock.now();
    return {
      size: await store.messages.countWaiting(sessionId),
      ...(await nextOf(sessionId)),
      messagesToday: await store.messages.countSince(sessionId, now - (now % DAY_MS)),
    };
  }

  return {
    get,
    list,
    queueState,
    describe: (message, session) => outlook.describe(message, session),
    waitFor: (id, status, timeoutMs) =>
      readUntil(
        { bell, clock },
        {
          topic: `message:${id}`,
          read: () => get(id),
          done: (message) => hasReached(message.status, status),
          timeoutMs,
        },
      ),
  };
}
