/**
 * Passing by an event that its receiver refuses. Order means that the head of a lane holds all behind it, so one event
 * that is refused for its content would hold a session's events for three days. After some refusals the event behind it is
 * tried at once: if the receiver takes that one and refuses the head once more, the head is the trouble and is put aside.
 * If it refuses both, the receiver is the trouble, and order holds. Used by lane.ts.
 */
import { isRefusal, PASS_BY_AFTER } from '../domain/retry.js';
import type { DeliveryRow } from '../store/deliveries.js';
import {
  noteAttempt,
  settleFailure,
  settleRefusal,
  settleSuccess,
  settleUntried,
  type Lane,
  type Tried,
} from './settle.js';
import type { Slot } from './slots.js';
import { tryDelivery, type TryDeps } from './tryDelivery.js';

/** The event behind the one that was just refused, if it is time to try it. */
export async function nextBehind(
  { store }: TryDeps,
  { lane, delivery, result }: Tried,
): Promise<DeliveryRow | null> {
  if (lane.failures + 1 < PASS_BY_AFTER || !isRefusal(result.status)) return null;
  return store.deliveries.head(delivery.webhookId, delivery.sessionId, delivery.seq);
}

/** Tries the event behind a refused one, settles both, and gives the lane back. */
export async function passBy(
  deps: TryDeps,
  run: { lane: Lane; slot: Slot },
  { refused, behind }: { refused: Tried; behind: DeliveryRow },
): Promise<void> {
  const { lane } = run;
  if (!(await noteAttempt(deps, refused, 'failed'))) return;
  lane.failures += 1;
  const taken = await tryDelivery(deps, run, behind);
  if (taken === null) return settleUntried(deps, lane);
  if (taken.result.error !== null) return settleFailure(deps, taken);
  if (!(await noteAttempt(deps, taken, 'delivered'))) return;
  // Once more, for a receiver that came back between the two.
  const { delivery, result } = refused;
  const again = await tryDelivery(deps, run, { ...delivery, attempts: delivery.attempts + 1 });
  if (again === null) return settleUntried(deps, lane);
  if (again.result.error === null) {
    await settleSuccess(deps, again, false);
  } else if (isRefusal(again.result.status) && isRefusal(result.status)) {
    await settleRefusal(deps, again);
  } else {
    await settleFailure(deps, again);
  }
}
