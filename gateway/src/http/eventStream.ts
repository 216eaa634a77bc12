/**
 * Sends events as server-sent events (WHATWG HTML, section 9.2). A reader that is slow holds back its own stream; one that
 * takes nothing for a while is cut off, and goes on with `Last-Event-ID` when it is back. Used by GET /v1/events/stream.
 */
import { once } from 'node:events';
import type { Response } from 'express';
import { toEnvelope, type StoredEvent } from '../domain/event.js';
import type { Clock } from '../lib/clock.js';

/** Proxies close a connection on which nothing moves, many after 30 s. */
const KEEP_ALIVE_MS = 15_000;
/** A reader that has taken nothing for so long is gone or stuck. */
const STALLED_MS = 60_000;

export interface EventStream {
  /** Its headers are sent. */
  response: Response;
  clock: Clock;
  /** Aborted when the client goes or the gateway stops. */
  signal: AbortSignal;
}

const frame = (event: StoredEvent): string => {
  const envelope = toEnvelope(event);
  return `id: ${envelope.id}\nevent: ${envelope.type}\ndata: ${JSON.stringify(envelope)}\n\n`;
};

/** Writes a comment now and then; returns the function that ends it. */
function keepAlive({ response, clock }: EventStream): () => void {
  let cancel = (): void => undefined;
  const beat = (): void => {
    // A reader with more to read than it takes needs no sign of life.
    if (!response.writableNeedDrain) response.write(': still here\n\n');
    cancel = clock.schedule(beat, KEEP_ALIVE_MS);
  };
  cancel = clock.schedule(beat, KEEP_ALIVE_MS);
  return () => {
    cancel();
  };
}

/** Resolves when the reader has taken what was written. */
async function drained({ response, clock, signal }: EventStream): Promise<void> {
  const cancel = clock.schedule(() => {
    response.destroy();
  }, STALLED_MS);
  try {
    await once(response, 'drain', { signal });
  } finally {
    cancel();
  }
}

/** Sends until the events end or the reader goes; ends the answer. */
export async function sendEvents(stream: EventStream, events: AsyncIterable<StoredEvent>): Promise<void> {
  const { response, signal } = stream;
  const stopBeating = keepAlive(stream);
  try {
    for await (const event of events) {
      // Nothing more is read from the log meanwhile, so that the memory holds a page at most.
      if (!response.write(frame(event))) await drained(stream);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stopBeating();
  }
  response.end();
}
