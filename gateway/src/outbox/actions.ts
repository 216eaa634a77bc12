/**
 * What a user does to a message that is in the outbox: cancel it, or put it back into the queue.
 */
import { gatewayError } from '../domain/error.js';
import type { Message, MessageStatus } from '../domain/message.js';
import type { Nouns } from '../store/index.js';
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

/** In line again, unless the time that it was given is still to come. */
const statusAgain = ({ sendAt }: Message, now: number): MessageStatus =>
  sendAt !== null && sendAt > now ? 'scheduled' : 'queued';

type ActionsDeps = Pick<OutboxDeps, 'store' | 'clock' | 'bell' | 'publisher'> & Pick<Reader, 'get'>;

export function createActions(deps: ActionsDeps): Pick<Outbox, 'cancel' | 'retry'> {
  const { store, clock, bell, publisher, get } = deps;

  /** The message in its new status, with the event that goes with it. */
  async function write(tx: Nouns, message: Message, action: Action): Promise<Message | null> {
    const now = clock.now();
    const to = action === RETRY ? statusAgain(message, now) : action.to;
    const timeline =
      action === RETRY
        ? [...message.timeline, { status: to, at: now }]
        : extendTimeline(message.timeline, [to], now);
    const update = { status: to, hold: null, error: null, retryAt: null, attempts: 0, timeline };
    const late = action === RETRY && message.expiresAt !== null && message.expiresAt <= now;
    const changed = await tx.messages.update(message.id, action.from, {
      ...update,
      // Who retries what has expired wants it sent all the same.
      ...(late && { expiresAt: null }),
    });
    const event = changed && messageEvent(changed, to);
    if (event) await publisher.publish(tx, event);
    if (changed && action === CANCEL) await tx.messages.releaseFollower(changed);
    return changed;
  }

  /** A message of a campaign goes back where its campaign stands. @throws GatewayError invalid_state */
  async function writeAgain(tx: Nouns, message: Message): Promise<Message | null> {
    const { campaignId } = message;
    const state = campaignId === null ? undefined : (await tx.campaigns.lock(campaignId))?.state;
    if (state === 'canceled')
      throw gatewayError('invalid_state', 'The campaign of this message was cancelled: send a new message.');
    const changed = await write(tx, message, RETRY);
    if (campaignId === null || state !== 'paused') return changed;
    await tx.campaigns.pauseMessages(campaignId);
    return changed && (await tx.messages.find(changed.id));
  }

  async function change(id: string, action: Action): Promise<Message> {
    const message = await get(id);
    const moved = await store.transaction((tx) =>
      action === RETRY ? writeAgain(tx, message) : write(tx, message, action),
    );
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
