/**
 * The outbox put together: what http/ calls, and the drain loops of the sessions owned here.
 */
import { gatewayError } from '../domain/error.js';
import { hasReached, type Message } from '../domain/message.js';
import { meanGapMs } from '../domain/pacing.js';
import { resolvePolicy } from '../domain/policy.js';
import type { Fence } from '../domain/session.js';
import { readUntil } from '../cluster/until.js';
import type { Loop } from '../lib/loop.js';
import { createDrain } from './drain.js';
import { createEnqueue } from './enqueue.js';
import { extendTimeline, messageEvent } from './messageEvent.js';
import type { OutboxDeps } from './ports.js';
import { createSettle } from './settle.js';
import type { MessageFilter, Outbox, QueueState } from './types.js';

/** The outbox, with the edges that gateway.ts connects to ownership and to WhatsApp. */
export interface RunningOutbox extends Outbox {
  /** Starts sending for a session that this process owns. */
  own(fence: Fence): void;
  /** Stops it; resolves when the send in hand has ended. */
  disown(sessionId: string): Promise<void>;
  /** A receipt came in for messages of the session. */
  receive: ReturnType<typeof createSettle>['receive'];
  stop(): Promise<void>;
}

const START_OF_DAY_MS = 24 * 3_600_000;

export function createOutbox(deps: OutboxDeps): RunningOutbox {
  const { store, clock, bell, publisher } = deps;
  const settle = createSettle(deps);
  const drains = new Map<string, Loop>();

  async function get(id: string): Promise<Message> {
    const message = (await store.messages.find(id)) ?? (await store.messages.findByWaId(id));
    if (message) return message;
    throw gatewayError('message_not_found', `There is no message ${id}.`);
  }

  /** Moves a message that a user acts on, if it is in one of the statuses. */
  async function change(id: string, action: 'cancel' | 'retry'): Promise<Message> {
    const message = await get(id);
    const rule =
      action === 'cancel'
        ? { from: ['scheduled', 'queued'] as const, to: 'canceled' as const }
        : { from: ['failed', 'expired', 'canceled'] as const, to: 'queued' as const };
    const moved = await store.transaction(async (tx) => {
      const at = clock.now();
      const timeline =
        action === 'retry'
          ? [...message.timeline, { status: rule.to, at }]
          : extendTimeline(message.timeline, [rule.to], at);
      const update = { status: rule.to, hold: null, error: null, retryAt: null, attempts: 0, timeline };
      const changed = await tx.messages.update(message.id, rule.from, update);
      const event = changed && action === 'retry' ? messageEvent(changed, 'queued') : null;
      if (event) await publisher.publish(tx, event);
      return changed;
    });
    if (!moved) {
      const now = await get(id);
      throw gatewayError(
        'invalid_state',
        `A message that is ${now.status} cannot be ${action === 'cancel' ? 'cancelled' : 'retried'}.`,
      );
    }
    publisher.committed();
    bell.ring(`outbox:${moved.sessionId}`);
    bell.ring(`message:${moved.id}`);
    return moved;
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
    return {
      size: await store.messages.countWaiting(sessionId),
      nextSendAt: head ? (head.hold?.until ?? now) : await store.messages.nextDue(sessionId, now),
      hold: head?.hold ?? null,
      messagesToday: await store.messages.countSince(sessionId, now - (now % START_OF_DAY_MS)),
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
    enqueue: createEnqueue(deps),
    get,
    list,
    queueState,
    estimateSendAt,
    cancel: (id) => change(id, 'cancel'),
    retry: (id) => change(id, 'retry'),
    waitFor: (id, status, timeoutMs) =>
      readUntil(deps, {
        topic: `message:${id}`,
        read: () => get(id),
        done: (message) => hasReached(message.status, status),
        timeoutMs,
      }),
    receive: settle.receive,
    own(fence) {
      drains.set(fence.sessionId, createDrain({ ...deps, settle }, fence));
    },
    async disown(sessionId) {
      const drain = drains.get(sessionId);
      drains.delete(sessionId);
      await drain?.stop();
    },
    async stop() {
      const running = [...drains.values()];
      drains.clear();
      await Promise.all(running.map((drain) => drain.stop()));
    },
  };
}
