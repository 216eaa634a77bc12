/**
 * The run of one claimed lane: its pending deliveries one after another, each tried and settled before the next, until
 * none is left, one fails, or it is another lane's turn. Used by the dispatcher.
 */
import type { DeliveryRow } from '../store/deliveries.js';
import { nextBehind, passBy } from './passBy.js';
import { settleFailure, settleSuccess, settleUntried, type Lane } from './settle.js';
import type { Slot } from './slots.js';
import { tryDelivery, type TryDeps } from './tryDelivery.js';

/** Deliveries in a row before the lane goes to the end of the line, so that a long backlog lets others through. */
const TURN = 50;

export interface LaneDeps extends TryDeps {
  /** True: finish the attempt in hand, start no other. */
  isStopping: () => boolean;
}

/** One delivery of the lane. Answers the next, or null when the lane has been given back. */
async function deliver(
  deps: LaneDeps,
  run: { lane: Lane; slot: Slot; last: boolean },
  delivery: DeliveryRow,
): Promise<DeliveryRow | null> {
  const tried = await tryDelivery(deps, run, delivery);
  if (tried === null) {
    await settleUntried(deps, run.lane);
    return null;
  }
  if (tried.result.error === null) return settleSuccess(deps, tried, !run.last && !deps.isStopping());
  const behind = await nextBehind(deps, tried);
  if (behind === null) await settleFailure(deps, tried);
  else await passBy(deps, run, { refused: tried, behind });
  return null;
}

/** Runs the lane until it is given back. Throws only when the database does; the claim then ends by its time. */
export async function runLane(deps: LaneDeps, lane: Lane, slot: Slot): Promise<void> {
  const { webhookId, sessionId } = lane.claim;
  let delivery = await deps.store.deliveries.head(webhookId, sessionId);
  for (let count = 1; delivery !== null && !deps.isStopping(); count += 1) {
    delivery = await deliver(deps, { lane, slot, last: count === TURN }, delivery);
    if (delivery === null) return;
  }
  await settleUntried(deps, lane);
}
