/**
 * What a user does to a message that is in the outbox: cancel it, or put it back into the queue.
 */
import { gatewayError } from '../domain/error.js';
import type { Message, MessageStatus } from '../domain/message.js';
import { extendTimeline, messageEvent } from './messageEvent.js';
import type { OutboxDeps } from './ports.js';
import type { Reader } from './reader.js';
import type { Outbox } from './types.js';

interface Action {
  from: readonly MessageStatus[];
  to: MessageStatus;
  /** For the sentence that refuses it. */
  participle: string;
}

const CANCEL: Action = { from: ['scheduled', 'queued'], to: 'canceled', participle: 'cancelled' };
const RETRY: Action = { from: ['failed', 'expired', 'canceled'], to: 'queued', participle: 'retried' };

type ActionsDeps = Pick<OutboxDeps, 'store' | 'clock' | 'bell' | 'publisher'> & Pick<Reader, 'get'>;

export function createActions(deps: ActionsDeps): Pick<Outbox, 'cancel' | 'retry'> {
  const { store, clock, bell, publisher, get } = deps;

  async function change(id: string, action: Action): Promise<Message> {
    const message = await get(id);
    const moved = await store.transaction(async (tx) => {
      const at = clock.now();
      const timeline =
        action === RETRY
          ? [...message.timeline, { status: action.to, at }]
          : extendTimeline(message.timeline, [action.to], at);
      const update = { status: action.to, hold: null, error: null, retryAt: null, attempts: 0, timeline };
      const changed = await tx.messages.update(message.id, action.from, update);
      const event = changed && messageEvent(changed, action.to);
      if (event) await publisher.publish(tx, event);
      if (changed && action === CANCEL) await tx.messages.releaseFollower(changed);
      return changed;
    });
    if (!moved) {
      const { status } = await get(id);
      throw gatewayError('invalid_state', `A message that is ${status} cannot be ${action.participle}.`);
    }
    publisher.committed();
    bell.ring(`outbox:${moved.sessionId}`);
    bell.ring(`message:${moved.id}`);
    return moved;
  }

  return {
    cancel: (id) => change(id, CANCEL),
    retry: (id) => change(id, RETRY),
  };
}
