/**
 * Cuts the byte stream of a client into its intro and frames (three bytes of length, big endian, then the payload).
 * Pure bookkeeping over buffers: no crypto, no sockets. Used by `channel.ts`.
 */
const ROUTING_PREFIX = 'ED';
const HEADER_LENGTH = 4;
const LENGTH_BYTES = 3;
/** Far above anything a client sends (812 prekeys are 40 kB), far below what could hurt. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

export interface FrameReader {
  /** Adds bytes and returns the frames that are complete now. @throws on a wrong header or an oversized frame. */
  push(chunk: Buffer): Buffer[];
  /** The four header bytes of the client, once they have come. */
  header(): Buffer | undefined;
}

/** The payload with its length in front. */
export function frame(payload: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUIntBE(payload.length, 0, LENGTH_BYTES);
  return Buffer.concat([length, payload]);
}

/** A reader for one connection. The optional edge-routing intro (`ED`, version, length, bytes) is skipped. */
export function createFrameReader(): FrameReader {
  let pending: Buffer = Buffer.alloc(0);
  let header: Buffer | undefined;

  const readIntro = (): boolean => {
    let offset = 0;
    if (pending.length >= 2 && pending.toString('latin1', 0, 2) === ROUTING_PREFIX) {
      if (pending.length < 7) return false;
      offset = 7 + pending.readUIntBE(4, LENGTH_BYTES);
      if (offset > MAX_FRAME_BYTES) throw new Error('the routing intro is too large');
    }
    if (pending.length < offset + HEADER_LENGTH) return false;
    header = Buffer.from(pending.subarray(offset, offset + HEADER_LENGTH));
    if (header.toString('latin1', 0, 2) !== 'WA')
      throw new Error('the client did not start with a WA header');
    pending = pending.subarray(offset + HEADER_LENGTH);
    return true;
  };

  return {
    header: () => header,
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      if (!header && !readIntro()) return [];
      const frames: Buffer[] = [];
      while (pending.length >= LENGTH_BYTES) {
        const size = pending.readUIntBE(0, LENGTH_BYTES);
        if (size > MAX_FRAME_BYTES) throw new Error(`a frame of ${size} bytes is too large`);
        if (pending.length < LENGTH_BYTES + size) break;
        frames.push(pending.subarray(LENGTH_BYTES, LENGTH_BYTES + size));
        pending = pending.subarray(LENGTH_BYTES + size);
      }
      return frames;
    },
  };
}
