/**
 * What the operations of Session QR share: the session's routes, and making sure that one exists and runs.
 * Must not know n8n's output format.
 */
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { failureOf } from '../shared/errors';
import { readNamedSession } from '../shared/sessionLocator';
import { gatewayRequest } from '../shared/transport';
import type { Session } from '../shared/wire';
import { readSessionOptions } from './operations/newSessionOptions';

export const sessionPath = (id: string): string => `/v1/sessions/${encodeURIComponent(id)}`;

export async function getSession(context: IExecuteFunctions, id: string): Promise<Session> {
  return (await gatewayRequest<Session>(context, { method: 'GET', path: sessionPath(id) })).body;
}

/** Makes the request; where the gateway refuses with one of `codes`, the answer is undefined. */
export async function unless<T>(codes: string[], request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    const code = failureOf(error)?.code;
    if (code !== undefined && codes.includes(code)) return undefined;
    throw asThrown(error);
  }
}

async function createSession(context: IExecuteFunctions, id: string, name?: string): Promise<Session> {
  const body: IDataObject = name === undefined ? { id } : { id, name };
  const created = await unless(['session_exists'], async () =>
    gatewayRequest<Session>(context, { method: 'POST', path: '/v1/sessions', body }),
  );
  // Another execution was faster: its session is as good.
  return created === undefined ? await getSession(context, id) : created.body;
}

/** Statuses in which a session does nothing until it is started. */
const RESTING = new Set(['created', 'stopped', 'logged_out']);

/** The session of this id, made if there is none and started if it rests. */
export async function ensureSession(context: IExecuteFunctions, itemIndex: number): Promise<Session> {
  const id = readNamedSession(context, itemIndex);
  const { name } = readSessionOptions(context, itemIndex);
  const found = await unless(['session_not_found'], () => getSession(context, id));
  if (found === undefined) return await createSession(context, id, name);
  if (!RESTING.has(found.status)) return found;
  await unless(['invalid_state'], async () =>
    gatewayRequest(context, { method: 'POST', path: `${sessionPath(id)}/start` }),
  );
  return await getSession(context, id);
}

/** The gateway's refusal goes on unchanged: it already names cause and fix. */
const asThrown = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
