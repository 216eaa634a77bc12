/**
 * The faults of a link, per connection: latency and bandwidth delay what passes, in order; half-open swallows it for good,
 * because a stream that has lost bytes cannot go on.
 */
import type { Gate } from '../wire/channel.js';
import type { Faults } from './faults.js';

/** One direction: a slow line is busy with one frame after another, and nothing overtakes what went in before. */
function createLane() {
  let busyUntil = 0;
  let lastArrival = 0;
  return (pass: () => void, { latencyMs, transferMs }: { latencyMs: number; transferMs: number }): void => {
    const now = Date.now();
    busyUntil = Math.max(busyUntil, now) + transferMs;
    lastArrival = Math.max(lastArrival, busyUntil + latencyMs);
    if (lastArrival <= now) pass();
    else setTimeout(pass, lastArrival - now).unref();
  };
}

/** `session` names the phone once the client has said who it is. */
export function createGate(faults: Faults, session: () => string | undefined): Gate {
  let isDead = false;
  const lanes = { incoming: createLane(), outgoing: createLane() };

  const through = (lane: keyof typeof lanes) => (pass: () => void, sizeBytes: number) => {
    const scene = { session: session() };
    isDead ||= faults.find('half_open', scene) !== undefined;
    if (isDead) return;
    const latencyMs = faults.find('latency', scene)?.delayMs ?? 0;
    const bytesPerSecond = faults.find('bandwidth', scene)?.bytesPerSecond;
    const transferMs = bytesPerSecond ? (sizeBytes / bytesPerSecond) * 1000 : 0;
    lanes[lane](pass, { latencyMs, transferMs });
  };
  return { incoming: through('incoming'), outgoing: through('outgoing'), isDead: () => isDead };
}
