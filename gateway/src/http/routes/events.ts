/**
 * The event log: pages with a long poll, and a stream of server-sent events (WHATWG HTML, section 9.2).
 */
import { once } from 'node:events';
import type { Response } from 'express';
import { toEnvelope, type StoredEvent } from '../../domain/event.js';
import type { Clock } from '../../lib/clock.js';
import { requireSession } from '../auth.js';
import { ok, route, written } from '../route.js';
import * as schema from '../schemas/webhooks.js';

const TAG = 'Events';
/** Proxies close a connection on which nothing moves, many after 30 s. */
const KEEP_ALIVE_MS = 15_000;

const frame = (event: StoredEvent): string => {
  const envelope = toEnvelope(event);
  return `id: ${envelope.id}\nevent: ${envelope.type}\ndata: ${JSON.stringify(envelope)}\n\n`;
};

/** Writes a comment now and then; returns the function that ends it. */
function keepAlive(response: Response, clock: Clock): () => void {
  let cancel = (): void => undefined;
  const beat = (): void => {
    response.write(': still here\n\n');
    cancel = clock.schedule(beat, KEEP_ALIVE_MS);
  };
  cancel = clock.schedule(beat, KEEP_ALIVE_MS);
  return () => {
    cancel();
  };
}

/** Aborted when the client goes or the gateway stops. */
function untilGone(response: Response, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  return AbortSignal.any([gone.signal, stopping]);
}

async function pump(
  response: Response,
  events: AsyncIterable<StoredEvent>,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const event of events) {
      // A slow reader holds us back here instead of filling the memory.
      if (!response.write(frame(event))) await once(response, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export const eventRoutes = [
  route(
    {
      method: 'get',
      path: '/v1/events',
      tag: TAG,
      summary: 'Read the event log, oldest first',
      access: 'events:read',
      query: schema.eventQuery,
      answers: { 200: { description: 'A page; go on from nextCursor', schema: schema.eventPage } },
    },
    async ({ events }, { caller, query, response, stopping }) => {
      const { waitSeconds, types, ...rest } = query;
      if (rest.sessionId !== undefined) requireSession(caller, rest.sessionId);
      const signal = untilGone(response, stopping);
      const request = { ...rest, types: types ?? [], waitMs: waitSeconds * 1000, signal };
      const { data, nextCursor } = await events.list(caller, request);
      return ok({ data: data.map(toEnvelope), nextCursor });
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/events/stream',
      tag: TAG,
      summary: 'Follow the event log as server-sent events',
      description:
        'Send `Last-Event-ID` to go on after an event; without it the stream begins with the next one.',
      access: 'events:read',
      query: schema.streamQuery,
      headers: schema.streamHeaders,
      answers: { 200: { description: 'Events as they happen', contentTypes: ['text/event-stream'] } },
    },
    async ({ events, clock }, { caller, query: { sessionId, types }, headers, response, stopping }) => {
      // Checked here, because headers go out before the first event is asked for.
      if (sessionId !== undefined) requireSession(caller, sessionId);
      const signal = untilGone(response, stopping);
      const lastEventId = headers['last-event-id'];
      const following = events.follow(caller, { sessionId, types: types ?? [], lastEventId, signal });
      response
        .status(200)
        .set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
        .flushHeaders();
      const stopBeating = keepAlive(response, clock);
      try {
        await pump(response, following, signal);
      } finally {
        stopBeating();
      }
      response.end();
      return written;
    },
  ),
];
