/** Bytes from the pool: of the size asked for, the taker's own, and none of them given twice. */
import { takeRandom } from '../../../gateway/src/lib/randomPool.js';

it('gives nothing twice, also beyond one filling', () => {
  const taken = Array.from({ length: 2_000 }, () => takeRandom(12).toString('hex'));
  expect(new Set(taken).size).toBe(2_000);
  expect(taken.every((text) => /^[0-9a-f]{24}$/.test(text))).toBe(true);
});

it('gives bytes that later takers leave alone', () => {
  const first = takeRandom(16);
  const before = first.toString('hex');
  for (let index = 0; index < 1_000; index += 1) takeRandom(16).fill(0);
  expect(first.toString('hex')).toBe(before);
});

it('gives a whole filling, and refuses more', () => {
  expect(takeRandom(4_096)).toHaveLength(4_096);
  expect(() => takeRandom(4_097)).toThrow(RangeError);
});
