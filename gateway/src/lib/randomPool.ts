/**
 * Random bytes for ids and nonces, drawn from the system some thousands at a time: each call costs the same whether it
 * gives nine or four thousand, and a message needs half a dozen. For secrets that live long, ask `randomBytes` itself.
 */
import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4_096;

const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Bytes that nobody was given before, at most 4,096 of them. The caller's own: a copy. */
export function takeRandom(size: number): Buffer {
  if (size > POOL_BYTES) throw new RangeError(`At most ${String(POOL_BYTES)} bytes are taken at once.`);
  if (used + size > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const taken = Buffer.from(pool.subarray(used, used + size));
  // Whoever reads this process's memory later learns nothing of what was given out.
  pool.fill(0, used, used + size);
  used += size;
  return taken;
}
