/**
 * Who calls, and whether they may: the key from the headers, its role, and the sessions it covers.
 * Runs before a body is read, so that nobody without a key makes the gateway read megabytes.
 */
import type { Request, Response } from 'express';
import { covers, may, type Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import type { Keys } from './keys.js';
import type { AnySpec } from './route.js';

const BEARER = /^Bearer +(\S+)$/i;

/** @throws GatewayError invalid_key */
function keyOf(request: Request): string {
  const given = request.get('X-API-Key') ?? BEARER.exec(request.get('Authorization') ?? '')?.[1];
  if (given === undefined || given === '')
    throw gatewayError('invalid_key', 'The request carries no API key.');
  return given;
}

/** The caller whose key was accepted. @throws Error on a public route: asking there is a bug */
export function callerOf(response: Response): Caller {
  const caller = response.locals.caller as Caller | undefined;
  if (!caller) throw new Error('no caller on a public route');
  return caller;
}

/** @throws GatewayError forbidden */
export function requireSession(caller: Caller, sessionId: string): void {
  if (!covers(caller, sessionId))
    throw gatewayError('forbidden', `This key does not cover session ${sessionId}.`);
}

const SESSION_PATH = '/v1/sessions/{id}';

/**
 * Checks the key against what the route asks for; the caller is then `callerOf(response)`.
 * @throws GatewayError invalid_key, key_expired, forbidden
 */
export async function authorize(keys: Keys, spec: AnySpec, { request, response }: Exchange): Promise<void> {
  if (spec.access === 'public') return;
  const caller = await keys.authenticate(keyOf(request));
  response.locals.caller = caller;
  if (spec.access !== 'any-key' && !may(caller.role, spec.access)) {
    throw gatewayError('forbidden', `The role ${caller.role} does not include ${spec.access}.`);
  }
  const { id } = request.params;
  if (spec.path.startsWith(SESSION_PATH) && typeof id === 'string') requireSession(caller, id);
}

export interface Exchange {
  request: Request;
  response: Response;
}
