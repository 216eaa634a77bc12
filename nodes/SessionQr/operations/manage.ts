/**
 * Session QR, resource "Session": look at sessions and manage them.
 */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { forEachItem, outputOf } from '../../shared/items';
import type { Operation } from '../../shared/operation';
import { namedSessionField, readNamedSession } from '../../shared/sessionLocator';
import { gatewayRequest, type GatewayRequest } from '../../shared/transport';
import type { Page, Session } from '../../shared/wire';
import { valueReader } from '../../shared/values';
import { getSession, sessionPath } from '../session';

const PAGE_SIZE = 100;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100_000;

/** An operation whose answer is about one session. */
function sessionQuery(toRequest: (path: string) => GatewayRequest): Operation {
  return {
    fields: [namedSessionField],
    execute: (context) =>
      forEachItem(context, async (itemIndex) => {
        const id = readNamedSession(context, itemIndex);
        const { body } = await gatewayRequest<object>(context, toRequest(sessionPath(id)));
        return outputOf({ sessionId: id, ...body }, itemIndex);
      }),
  };
}

/** An operation that changes a session; the output is the session afterwards. */
function sessionAction(
  fields: INodeProperties[],
  toRequest: (context: IExecuteFunctions, itemIndex: number) => Omit<GatewayRequest, 'method'>,
): Operation {
  return {
    fields: [namedSessionField, ...fields],
    execute: (context) =>
      forEachItem(context, async (itemIndex) => {
        const id = readNamedSession(context, itemIndex);
        const { path, body } = toRequest(context, itemIndex);
        await gatewayRequest(context, { method: 'POST', path: `${sessionPath(id)}${path}`, body });
        return outputOf(await getSession(context, id), itemIndex);
      }),
  };
}

export const get = sessionQuery((path) => ({ method: 'GET', path }));
export const getLimits = sessionQuery((path) => ({ method: 'GET', path: `${path}/limits` }));
export const logout = sessionAction([], () => ({ path: '/logout' }));

export const restart = sessionAction(
  [
    {
      displayName: 'Forget the Phone',
      name: 'wipe',
      type: 'boolean',
      default: false,
      description: 'Whether to delete the login as well; a new QR code is needed then',
    },
  ],
  (context, itemIndex) => {
    const wipe = context.getNodeParameter('wipe', itemIndex, false);
    return {
      path: '/restart',
      body: { wipe: valueReader(context, itemIndex).truth(wipe, 'Forget the Phone') ?? false },
    };
  },
);

export const deleteSession: Operation = {
  fields: [namedSessionField],
  execute: (context) =>
    forEachItem(context, async (itemIndex) => {
      const id = readNamedSession(context, itemIndex);
      await gatewayRequest(context, { method: 'DELETE', path: sessionPath(id) });
      return outputOf({ sessionId: id, deleted: true }, itemIndex);
    }),
};

async function listSessions(context: IExecuteFunctions, limit: number): Promise<Session[]> {
  const sessions: Session[] = [];
  let cursor: string | undefined;
  do {
    const query = {
      limit: Math.min(PAGE_SIZE, limit - sessions.length),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const page = (
      await gatewayRequest<Page<Session>>(context, { method: 'GET', path: '/v1/sessions', query })
    ).body;
    sessions.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && sessions.length < limit);
  return sessions.slice(0, limit);
}

function readLimit(context: IExecuteFunctions, itemIndex: number): number {
  const { truth, whole } = valueReader(context, itemIndex);
  if (truth(context.getNodeParameter('returnAll', itemIndex, false), 'Return All') === true)
    return Number.POSITIVE_INFINITY;
  const field = { label: 'Limit', min: 1, max: MAX_LIMIT };
  return whole(context.getNodeParameter('limit', itemIndex, DEFAULT_LIMIT), field) ?? DEFAULT_LIMIT;
}

export const getMany: Operation = {
  fields: [
    {
      displayName: 'Return All',
      name: 'returnAll',
      type: 'boolean',
      default: false,
      description: 'Whether to return all results or only up to a given limit',
    },
    {
      displayName: 'Limit',
      name: 'limit',
      type: 'number',
      typeOptions: { minValue: 1 },
      default: 50,
      displayOptions: { show: { returnAll: [false] } },
      description: 'Max number of results to return',
    },
  ],
  execute: (context) =>
    forEachItem(context, async (itemIndex) => {
      const sessions = await listSessions(context, readLimit(context, itemIndex));
      return sessions.map((session) => outputOf(session, itemIndex));
    }),
};
