/**
 * The field that picks a WhatsApp session: from a searchable list, by ID, or left to the gateway.
 * `searchSessions` fills the list; every node that names a session uses these.
 */
import {
  NodeOperationError,
  type IExecuteFunctions,
  type ILoadOptionsFunctions,
  type INodeListSearchResult,
  type INodeProperties,
} from 'n8n-workflow';

import { gatewayRequest } from './transport';
import type { Page, Session } from './wire';
import { toText } from './text';

/** Cannot be a session ID, so it can stand for "any". */
const ANY = '*';
const ID_REGEX = '^[A-Za-z0-9_-]{1,64}$';

export const isSessionId = (id: string): boolean => new RegExp(ID_REGEX).test(id);

const locator: Pick<INodeProperties, 'modes'> = {
  modes: [
    {
      displayName: 'From List',
      name: 'list',
      type: 'list',
      typeOptions: { searchListMethod: 'searchSessions', searchable: true },
    },
    {
      displayName: 'By ID',
      name: 'id',
      type: 'string',
      placeholder: 'e.g. main',
      validation: [
        {
          type: 'regex',
          properties: {
            regex: ID_REGEX,
            errorMessage: 'A session ID is 1 to 64 letters, digits, hyphens or underscores',
          },
        },
      ],
    },
  ],
};

/** For sending: the gateway may choose. */
export const senderSessionField: INodeProperties = {
  displayName: 'Session',
  name: 'session',
  type: 'resourceLocator',
  default: { mode: 'list', value: ANY, cachedResultName: 'Let the Gateway Choose' },
  required: true,
  description: 'The WhatsApp number that sends. The gateway chooses the least busy one that is connected.',
  ...locator,
};

/** For the session itself: one must be named. */
export const namedSessionField: INodeProperties = {
  displayName: 'Session',
  name: 'session',
  type: 'resourceLocator',
  default: { mode: 'id', value: 'main' },
  required: true,
  description: 'The session to work with, 1 to 64 letters, digits, hyphens or underscores',
  ...locator,
};

/**
 * The chosen session, or undefined when the gateway chooses.
 * @throws NodeOperationError when it cannot be the ID of a session
 */
export function readSession(context: IExecuteFunctions, itemIndex: number): string | undefined {
  const value = context.getNodeParameter('session', itemIndex, ANY, { extractValue: true });
  const id = toText(value).trim();
  if (id === '' || id === ANY) return undefined;
  if (isSessionId(id)) return id;
  throw notASession(context, itemIndex, id);
}

/**
 * The session that the field must name.
 * @throws NodeOperationError when it names none
 */
export function readNamedSession(context: IExecuteFunctions, itemIndex: number): string {
  const id = readSession(context, itemIndex);
  if (id !== undefined) return id;
  throw notASession(context, itemIndex, '');
}

function notASession(context: IExecuteFunctions, itemIndex: number, id: string): NodeOperationError {
  const message = `The session "${id.slice(0, 80)}" is not valid. A session ID is 1 to 64 letters, digits, hyphens or underscores.`;
  return new NodeOperationError(context.getNode(), message, { itemIndex });
}

async function sessionPage(context: ILoadOptionsFunctions, cursor?: string): Promise<Page<Session>> {
  const query = cursor === undefined ? { limit: 100 } : { limit: 100, cursor };
  return (await gatewayRequest<Page<Session>>(context, { method: 'GET', path: '/v1/sessions', query })).body;
}

const labelOf = ({ id, name, phone, status }: Session): string => {
  const title = name === undefined || name === null || name === '' || name === id ? id : `${name} (${id})`;
  return `${title} - ${phone === undefined || phone === null ? '' : `+${phone}, `}${status.replace('_', ' ')}`;
};

function matches(session: Session, filter: string | undefined): boolean {
  if (filter === undefined || filter === '') return true;
  return labelOf(session).toLowerCase().includes(filter.toLowerCase());
}

/** Fills the list of the locator. n8n calls it with what the user typed. */
export async function searchSessions(
  this: ILoadOptionsFunctions,
  filter?: string,
  paginationToken?: string,
): Promise<INodeListSearchResult> {
  const page = await sessionPage(this, paginationToken);
  const results = page.data
    .filter((session) => matches(session, filter))
    .map((session) => ({ name: labelOf(session), value: session.id }));
  const offersAny = paginationToken === undefined && this.getNode().type.toLowerCase().includes('send');
  if (offersAny && 'let the gateway choose'.includes((filter ?? '').toLowerCase())) {
    results.unshift({ name: 'Let the Gateway Choose', value: ANY });
  }
  return { results, paginationToken: page.nextCursor ?? undefined };
}

/** All sessions as options, for fields that take several. */
export async function loadSessions(
  this: ILoadOptionsFunctions,
): Promise<Array<{ name: string; value: string }>> {
  const options: Array<{ name: string; value: string }> = [];
  let cursor: string | undefined;
  do {
    const page = await sessionPage(this, cursor);
    options.push(...page.data.map((session) => ({ name: labelOf(session), value: session.id })));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return options;
}
