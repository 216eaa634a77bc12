/**
 * Sessions as things: create, list, get, change, delete. What they do (start, stop, pair) is in sessionLife and qr.
 */
import { may, type Caller } from '../../domain/apiKey.js';
import { gatewayError } from '../../domain/error.js';
import { isUnpaced, mergePolicy, policyErrors, type PolicyInput } from '../../domain/policy.js';
import { SESSION_ID_PATTERN, type Session } from '../../domain/session.js';
import type { HttpDeps } from '../deps.js';
import { created, noContent, ok, route, type Answer } from '../route.js';
import { pageQuery, sessionParams } from '../schemas/common.js';
import { limits, toLimits } from '../schemas/limits.js';
import * as schema from '../schemas/sessions.js';
import { untilStopping } from '../stopping.js';

const TAG = 'Sessions';

/** A session with its queue, as it is answered. */
const describeSession = async ({ outbox }: Pick<HttpDeps, 'outbox'>, session: Session) =>
  schema.toSession(session, await outbox.queueState(session.id));

export const answerSession = async (deps: HttpDeps, session: Session): Promise<Answer> =>
  ok(await describeSession(deps, session));

/**
 * Numbers are banned for sending without a gap, so only an admin may choose it.
 * @throws GatewayError forbidden, invalid_request
 */
function checkPolicy(caller: Caller, before: PolicyInput | null, change: PolicyInput | null): void {
  const after = mergePolicy(before, change);
  const errors = policyErrors(after);
  if (errors.length > 0) throw gatewayError('invalid_request', undefined, { errors });
  // One that an admin has let loose may be changed otherwise.
  const isAbout = (['preset', 'gapMs', 'perMinute'] as const).some((field) => change?.[field] !== undefined);
  if (!isUnpaced(after) || (isUnpaced(before) && !isAbout) || may(caller.role, 'policy:unpaced')) return;
  throw gatewayError('forbidden', 'A policy without a gap between messages needs an admin key.');
}

/** A session made by a key that does not cover it could not be used by its maker. */
function refuseForeignId(caller: Caller, id: string | undefined): void {
  if (caller.sessionIds.length === 0 || (id !== undefined && caller.sessionIds.includes(id))) return;
  throw gatewayError(
    'forbidden',
    `This key is limited to ${caller.sessionIds.join(', ')}; name one of them as id.`,
  );
}

export const sessionRoutes = [
  route(
    {
      method: 'post',
      path: '/v1/sessions',
      tag: TAG,
      summary: 'Create a session',
      access: 'sessions:manage',
      body: schema.newSession,
      answers: { 201: { description: 'The session', schema: schema.session } },
      errors: ['session_exists'],
    },
    async (deps, { caller, body }) => {
      refuseForeignId(caller, body.id);
      checkPolicy(caller, null, body.policy ?? null);
      return created(await describeSession(deps, await deps.sessions.create(body)));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/sessions',
      tag: TAG,
      summary: 'List sessions',
      access: 'sessions:read',
      query: pageQuery(SESSION_ID_PATTERN),
      answers: {
        200: { description: 'A page of the sessions that the key covers', schema: schema.sessionPage },
      },
    },
    async (deps, { caller, query }) => {
      const { data, nextCursor } = await deps.sessions.list({ ...query, sessionIds: caller.sessionIds });
      return ok({
        data: await Promise.all(data.map((session) => describeSession(deps, session))),
        nextCursor,
      });
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/sessions/{id}',
      tag: TAG,
      summary: 'Get a session, or wait for its status',
      access: 'sessions:read',
      params: sessionParams,
      query: schema.sessionQuery,
      answers: {
        200: { description: 'The session as it stands, also when the time ran out', schema: schema.session },
      },
      errors: ['session_not_found'],
    },
    async (deps, { params: { id }, query: { waitFor, timeoutSeconds }, stopping }) => {
      const session = await deps.sessions.get(id);
      if (waitFor === undefined) return answerSession(deps, session);
      const waiting = deps.sessions.waitFor(id, waitFor, timeoutSeconds * 1000);
      return answerSession(deps, (await untilStopping(stopping, waiting)) ?? (await deps.sessions.get(id)));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/sessions/{id}/limits',
      tag: TAG,
      summary: 'What is used and left of each cap, the next possible send, and why',
      access: 'sessions:read',
      params: sessionParams,
      answers: { 200: { description: 'The limits of the present policy', schema: limits } },
      errors: ['session_not_found'],
    },
    async ({ outbox }, { params }) => ok(toLimits(await outbox.limits(params.id))),
  ),
  route(
    {
      method: 'patch',
      path: '/v1/sessions/{id}',
      tag: TAG,
      summary: 'Change name, policy, what is received, or metadata',
      description:
        'Of a policy, the fields named are changed and the others stay; naming a preset begins from that preset, and null from the standard one.',
      access: 'sessions:manage',
      params: sessionParams,
      body: schema.sessionPatch,
      answers: { 200: { description: 'The session', schema: schema.session } },
      errors: ['session_not_found'],
    },
    async (deps, { caller, params, body }) => {
      const { policy } = body;
      if (policy !== undefined) checkPolicy(caller, (await deps.sessions.get(params.id)).policy, policy);
      return answerSession(deps, await deps.sessions.patch(params.id, body));
    },
  ),
  route(
    {
      method: 'delete',
      path: '/v1/sessions/{id}',
      tag: TAG,
      summary: 'Log out and delete',
      description: 'Unlinks the device if it is paired; credentials and waiting messages are removed.',
      access: 'sessions:manage',
      params: sessionParams,
      answers: { 204: { description: 'Deleted' } },
      errors: ['session_not_found'],
    },
    async ({ sessions }, { params }) => {
      await sessions.remove(params.id);
      return noContent;
    },
  ),
];
