/**
 * What can be done with a session: start, stop, log out, restart; and asking WhatsApp for a recipient through it.
 */
import { parseRecipient } from '../../domain/address.js';
import { gatewayError } from '../../domain/error.js';
import { ok, route } from '../route.js';
import { sessionParams } from '../schemas/common.js';
import * as schema from '../schemas/sessions.js';
import { answerSession } from './sessions.js';

const TAG = 'Sessions';
const SESSION_ANSWER = { 200: { description: 'The session', schema: schema.session } };

/** Start and stop differ in one word only. */
const desire = (verb: 'start' | 'stop', summary: string) =>
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
    async (deps, { params }) =>
      answerSession(
        deps,
        await deps.sessions.setDesired(params.id, verb === 'start' ? 'started' : 'stopped'),
      ),
  );

/** Pause and resume differ in one word only. */
const hold = (verb: 'pause' | 'resume', summary: string) =>
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
    async (deps, { params }) =>
      answerSession(deps, await deps.sessions.setQueuePaused(params.id, verb === 'pause')),
  );

export const sessionLifeRoutes = [
  hold('pause', 'Hold the queue; messages are still accepted'),
  hold('resume', 'Let the queue go on'),
  desire('start', 'Connect, or offer a QR code'),
  desire('stop', 'Disconnect and stay so; the pairing is kept'),
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
      const found = await sessions.lookUp(params.id, address);
      if (found) return ok(found);
      throw gatewayError('session_not_connected', 'WhatsApp cannot be asked at the moment.', {
        retryAfterSeconds: 10,
      });
    },
  ),
];
