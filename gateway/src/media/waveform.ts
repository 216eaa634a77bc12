/**
 * The shape of a voice note as phones draw it: 64 bars between 0 and 100, the loudest of them 100. Pure.
 * Reads samples as they come and keeps a number per tenth of a second, so that an hour of audio is never in memory.
 */
const BARS = 64;
const LOUDEST_BAR = 100;
const BLOCKS_PER_SECOND = 10;
const SAMPLE_BYTES = 2;

export interface Sound {
  seconds: number;
  /** 64 bytes. */
  waveform: Uint8Array;
}

/** The mean of the blocks under each bar; with fewer blocks than bars, a block is under several. */
function toBars(blocks: readonly number[]): number[] {
  return Array.from({ length: BARS }, (_, bar) => {
    const from = Math.floor((bar * blocks.length) / BARS);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * blocks.length) / BARS));
    const under = blocks.slice(from, to);
    return under.reduce((sum, loudness) => sum + loudness, 0) / under.length;
  });
}

function toWaveform(blocks: readonly number[]): Uint8Array {
  const bars = toBars(blocks);
  const loudest = Math.max(...bars);
  // Silence has no loudest bar.
  return Uint8Array.from(bars, (bar) => (loudest > 0 ? Math.floor((bar / loudest) * LOUDEST_BAR) : 0));
}

/**
 * How long and how loud it is; null when there is no sample. `chunks`: signed 16-bit samples, the lower byte first, one
 * channel, cut anywhere. Throws what the chunks throw.
 */
export async function listen(
  chunks: AsyncIterable<Uint8Array>,
  samplesPerSecond: number,
): Promise<Sound | null> {
  const blockSamples = Math.ceil(samplesPerSecond / BLOCKS_PER_SECOND);
  const blocks: number[] = [];
  let half: Buffer = Buffer.alloc(0);
  let sum = 0;
  let samples = 0;
  for await (const chunk of chunks) {
    const bytes = half.length === 0 ? Buffer.from(chunk) : Buffer.concat([half, chunk]);
    const whole = bytes.length - (bytes.length % SAMPLE_BYTES);
    for (let at = 0; at < whole; at += SAMPLE_BYTES) {
      sum += Math.abs(bytes.readInt16LE(at));
      samples += 1;
      if (samples % blockSamples !== 0) continue;
      blocks.push(sum / blockSamples);
      sum = 0;
    }
    half = bytes.subarray(whole);
  }
  if (samples === 0) return null;
  const last = samples % blockSamples;
  if (last > 0) blocks.push(sum / last);
  return { seconds: samples / samplesPerSecond, waveform: toWaveform(blocks) };
}
