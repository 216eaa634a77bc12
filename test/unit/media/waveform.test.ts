import fc from 'fast-check';
import { listen } from '../../../gateway/src/media/waveform.js';

const RATE = 8_000;

function samples(count: number, loudness: (index: number) => number): Buffer {
  const bytes = Buffer.alloc(count * 2);
  for (let index = 0; index < count; index += 1) bytes.writeInt16LE(loudness(index), index * 2);
  return bytes;
}

/** The bytes in pieces that end anywhere, also in the middle of a sample. */
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

test('louder parts have longer bars, the loudest 100, however the bytes are cut', async () => {
  const ramp = samples(RATE * 8, (index) => (index % 2 === 0 ? 1 : -1) * Math.floor(index / 4));
  const wanted = await listen(inPieces(ramp, ramp.length), RATE);
  expect(wanted?.seconds).toBe(8);
  const bars = [...(wanted?.waveform ?? [])];
  expect(bars).toHaveLength(64);
  expect(bars.at(-1)).toBe(100);
  expect(bars).toEqual([...bars].sort((a, b) => a - b));
  for (const size of [1, 3, 4_097]) expect(await listen(inPieces(ramp, size), RATE)).toEqual(wanted);
});

test('of any length there are 64 bars between 0 and 100; silence has none, and nothing is null', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30_000 }),
      fc.integer({ min: 0, max: 32_767 }),
      async (count, top) => {
        const sound = await listen(
          inPieces(
            samples(count, (index) => (index * 31) % (top + 1)),
            999,
          ),
          RATE,
        );
        expect(sound?.seconds).toBeCloseTo(count / RATE);
        expect(sound?.waveform).toHaveLength(64);
        expect(Math.max(...(sound?.waveform ?? []))).toBeLessThanOrEqual(100);
      },
    ),
    { numRuns: 50 },
  );
  expect(
    await listen(
      inPieces(
        samples(RATE, () => 0),
        100,
      ),
      RATE,
    ),
  ).toEqual({
    seconds: 1,
    waveform: new Uint8Array(64),
  });
  expect(await listen(inPieces(Buffer.alloc(0), 1), RATE)).toBeNull();
});
