/**
 * Reading the outbox: one message, lists of them, what a queue looks like and when a message will probably go.
 */
import { readUntil } from '../cluster/until.js';
import { gatewayError } from '../domain/error.js';
import { hasReached, type Hold, type Message } from '../domain/message.js';
import { meanGapMs } from '../domain/pacing.js';
import { resolvePolicy } from '../domain/policy.js';
import type { OutboxDeps } from './ports.js';
import type { MessageFilter, Outbox, QueueState } from './types.js';

const PAUSED: Hold = { code: 'paused', message: 'the queue is paused until it is resumed', until: null };
const DAY_MS = 24 * 3_600_000;

export type Reader = Pick<Outbox, 'get' | 'list' | 'waitFor' | 'queueState' | 'estimateSendAt'>;

export function createReader({ store, clock, bell }: Pick<OutboxDeps, 'store' | 'clock' | 'bell'>): Reader {
  async function get(id: string): Promise<Message> {
    const message = (await store.messages.find(id)) ?? (await store.messages.findByWaId(id));
    if (message) return message;
    throw gatewayError('message_not_found', `There is no message ${id}.`);
  }

  async function list(filter: MessageFilter): Promise<{ data: Message[]; nextCursor: string | null }> {
    const { cursor, limit, ...rest } = filter;
    const before = cursor === undefined ? undefined : Number(cursor);
    const data = await store.messages.list({ ...rest, before, limit: limit + 1 });
    const page = data.slice(0, limit);
    const last = page.at(-1);
    return { data: page, nextCursor: data.length > limit && last ? String(last.position) : null };
  }

  async function queueState(sessionId: string): Promise<QueueState> {
    const now = clock.now();
    const head = await store.messages.head(sessionId, now);
    const paused = (await store.sessions.find(sessionId))?.queuePaused === true;
    const next = head ? (head.hold?.until ?? now) : await store.messages.nextDue(sessionId, now);
    return {
      size: await store.messages.countWaiting(sessionId),
      nextSendAt: paused ? null : next,
      hold: paused ? PAUSED : (head?.hold ?? null),
      messagesToday: await store.messages.countSince(sessionId, now - (now % DAY_MS)),
    };
  }

  async function estimateSendAt(message: Message): Promise<number | null> {
    if (message.status !== 'queued' && message.status !== 'scheduled') return null;
    const session = await store.sessions.find(message.sessionId);
    if (session?.status !== 'connected' || session.queuePaused) return message.sendAt;
    const ahead = await store.messages.countAhead(message.sessionId, message.position);
    const start = Math.max(clock.now(), message.hold?.until ?? 0, message.sendAt ?? 0);
    return Math.round(start + ahead * meanGapMs(resolvePolicy(session.policy)));
  }

  return {
    get,
    list,
    queueState,
    estimateSendAt,
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
