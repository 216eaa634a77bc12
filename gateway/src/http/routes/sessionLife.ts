/**
 * What can be done with a session: start, stop, log out, restart; and asking WhatsApp for a recipient through it.
 */
import { parseRecipient } from '../../domain/address.js';
import { gatewayError } from '../../domain/error.js';
import type { Session } from '../../domain/session.js';
import type { HttpDeps } from '../deps.js';
import { ok, route } from '../route.js';
import { sessionParams } from '../schemas/common.js';
import * as schema from '../schemas/sessions.js';
import { answerSession } from './sessions.js';

const TAG = 'Sessions';
const SESSION_ANSWER = { 200: { description: 'The session', schema: schema.session } };

interface Verb {
  verb: 'start' | 'stop' | 'pause' | 'resume';
  summary: string;
  carryOut: (sessions: HttpDeps['sessions'], id: string) => Promise<Session>;
}

/** These differ in what they ask of the session only. */
const verbRoute = ({ verb, summary, carryOut }: Verb) =>
  route(
    {
      method: 'post',
      path: `/v1/sessions/{id}/${verb}`,
      tag: TAG,
      summary,
      access: 'sessions:manage',
      params: sessionParams,
      answers: SESSION_ANSWER,
      errors: ['session_not_found'],
    },
    async (deps, { params }) => answerSession(deps, await carryOut(deps.sessions, params.id)),
  );

export const sessionLifeRoutes = [
  verbRoute({
    verb: 'pause',
    summary: 'Hold the queue; messages are still accepted',
    carryOut: (sessions, id) => sessions.setQueuePaused(id, true),
  }),
  verbRoute({
    verb: 'resume',
    summary: 'Let the queue go on',
    carryOut: (sessions, id) => sessions.setQueuePaused(id, false),
  }),
  verbRoute({
    verb: 'start',
    summary: 'Connect, or offer a QR code',
    carryOut: (sessions, id) => sessions.setDesired(id, 'started'),
  }),
  verbRoute({
    verb: 'stop',
    summary: 'Disconnect and stay so; the pairing is kept',
    carryOut: (sessions, id) => sessions.setDesired(id, 'stopped'),
  }),
  route(
    {
      method: 'post',
      path: '/v1/sessions/{id}/logout',
      tag: TAG,
      summary: 'Unlink the device; a new QR code is then needed',
      access: 'sessions:manage',
      params: sessionParams,
      answers: SESSION_ANSWER,
      errors: ['session_not_found'],
    },
    async (deps, { params }) => answerSession(deps, await deps.sessions.logout(params.id)),
  ),
  route(
    {
      method: 'post',
      path: '/v1/sessions/{id}/restart',
      tag: TAG,
      summary: 'Close and open the connection',
      access: 'sessions:manage',
      params: sessionParams,
      body: schema.restart,
      answers: SESSION_ANSWER,
      errors: ['session_not_found'],
    },
    async (deps, { params, body }) => answerSession(deps, await deps.sessions.restart(params.id, body.wipe)),
  ),
  route(
    {
      method: 'get',
      path: '/v1/sessions/{id}/recipients/{phone}',
      tag: TAG,
      summary: 'Whether a number is on WhatsApp',
      access: 'messages:send',
      params: schema.recipientParams,
      answers: { 200: { description: 'What WhatsApp says of the number', schema: schema.recipient } },
      errors: ['session_not_found', 'recipient_invalid', 'session_not_connected'],
    },
    async ({ sessions }, { params }) => {
      const address = parseRecipient(params.phone);
      if (address.kind === 'group')
        throw gatewayError('recipient_invalid', 'The recipient is a group, not a number.');
      const found = await sessions.recipient(params.id, address);
      if (found) return ok(found);
      throw gatewayError('session_not_connected', 'WhatsApp cannot be asked at the moment.', {
        retryAfterSeconds: 10,
      });
    },
  ),
];
