/**
 * The event log: pages with a long poll, and a stream of server-sent events (WHATWG HTML, section 9.2).
 */
import type { Response } from 'express';
import { toEnvelope } from '../../domain/event.js';
import { requireSession } from '../auth.js';
import { sendEvents } from '../eventStream.js';
import { ok, route, written } from '../route.js';
import * as schema from '../schemas/webhooks.js';

const TAG = 'Events';
/** Aborted when the client goes or the gateway stops. */
function untilGone(response: Response, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  return AbortSignal.any([gone.signal, stopping]);
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
      await sendEvents({ response, clock, signal }, following);
      return written;
    },
  ),
];
