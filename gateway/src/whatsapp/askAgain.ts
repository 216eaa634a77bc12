/**
 * Asks again for messages that could not be decrypted: the own phone after a moment, and it and their senders some seconds
 * after each login and every while. rc14 asks the sender by itself when such a message comes, but tells WhatsApp right then
 * that it has come, even when the request could not be made, and knows nothing of it after a crash.
 * Part of the supervisor; what does not come is reported by `missing`.
 */
import type { WASocket } from '@whiskeysockets/baileys';
import type { Bell } from '../cluster/bell.js';
import type { Fence } from '../domain/session.js';
import type { Clock } from '../lib/clock.js';
import { createLoop, type Loop } from '../lib/loop.js';
import type { Store } from '../store/index.js';
import type { Asked } from '../store/undecrypted.js';
import type { BaileysCaches } from './caches.js';
import { createPhoneRequest, type PhoneClient } from './phoneRequest.js';
import { createRetryRequest } from './retryRequest.js';
import type { Timing } from './timing.js';

/** Senders answer five requests for one message; rc14 makes the first by itself. */
const MOST_COUNT = 5;
/** Our first round asks the phone alone, if rc14 has just asked the sender. */
const ROUNDS = 4;
/** Phones do not keep for long what they could send again. */
const ASK_FOR_MS = 24 * 60 * 60 * 1000;
const BATCH = 100;

export type AskTiming = Pick<Timing, 'askPhoneMs' | 'askAfterLoginMs' | 'askAgainMs'>;

export interface AskAgainDeps {
  store: Store;
  clock: Clock;
  bell: Bell;
  fence: Fence;
  timing: AskTiming;
  caches: Pick<BaileysCaches, 'msgRetryCounterCache'>;
  /** The open socket and since when it is logged in; null: there is none. */
  connected: () => { client: Pick<WASocket, 'sendRetryRequest'> & PhoneClient; since: number } | null;
  onError: (error: unknown) => void;
}

/** When a message is to be asked for next, milliseconds since 1970. Pure. */
export function askAt(message: Asked, connectedSince: number, timing: AskTiming): number {
  const last = message.askedAt ?? message.firstSeenAt;
  if (last < connectedSince) return connectedSince + timing.askAfterLoginMs;
  return last + (message.askedAt === null ? timing.askPhoneMs : timing.askAgainMs);
}

/** Which count the request to the sender bears; null: the sender is not asked in this round. Pure. */
export function senderCount(message: Asked, connectedSince: number): number | null {
  if (message.phoneOnly) return null;
  const askedByBaileys = message.asked === 0 && message.firstSeenAt >= connectedSince;
  return askedByBaileys ? null : MOST_COUNT - ROUNDS + 1 + message.asked;
}

type Link = NonNullable<ReturnType<AskAgainDeps['connected']>>;

export function createAskAgain(deps: AskAgainDeps): Loop {
  const { store, clock, bell, fence, timing, caches, connected, onError } = deps;
  const { sessionId } = fence;
  const { askAgainMs } = timing;

  async function ask(message: Asked, { client, since }: Link): Promise<void> {
    // Counted first: a request that brings the process down must not be made for ever.
    await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      await tx.undecrypted.countAsked(sessionId, message.stanza, clock.now());
    });
    const count = senderCount(message, since);
    if (count !== null) await createRetryRequest({ client, caches })(message.stanza, count).catch(onError);
    await createPhoneRequest(client)(message.stanza).catch(onError);
  }

  async function step(signal: AbortSignal): Promise<number> {
    const link = connected();
    if (!link) return askAgainMs;
    const limits = { most: ROUNDS, since: clock.now() - ASK_FOR_MS, limit: BATCH };
    const waiting = await store.undecrypted.askable(sessionId, limits);
    let nextMs = askAgainMs;
    for (const message of waiting) {
      const waitMs = askAt(message, link.since, timing) - clock.now();
      if (signal.aborted || connected()?.since !== link.since) return 0;
      if (waitMs <= 0) await ask(message, link);
      else nextMs = Math.min(nextMs, waitMs);
    }
    return nextMs;
  }

  const loop = createLoop({ clock, idleMs: askAgainMs, step, onError });
  // Rung when the session has logged in, among others.
  const stopListening = bell.listen(`session:${sessionId}`, loop.wake);
  return {
    wake: loop.wake,
    async stop() {
      stopListening();
      await loop.stop();
    },
  };
}
