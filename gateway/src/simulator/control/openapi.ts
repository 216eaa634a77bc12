/**
 * The OpenAPI description of the control API, made from the same schemas that check the calls.
 * A test compares its operations with the routes that exist.
 */
import { z } from 'zod';
import * as deskSchemas from './deskSchemas.js';
import * as schemas from './schemas.js';

interface Operation {
  summary: string;
  body?: z.ZodType;
  query?: z.ZodType;
}

/** By method and path, as Express writes paths. */
export const OPERATIONS: Record<string, Operation> = {
  'GET /server': { summary: 'Addresses, root key and media CA' },
  'GET /metrics': { summary: 'Counters, CPU time and memory' },
  'GET /openapi.json': { summary: 'This description' },
  'POST /phones': { summary: 'Create a phone whose owner can scan', body: schemas.newPhoneSchema },
  'GET /phones': { summary: 'All phones' },
  'GET /phones/:number': { summary: 'One phone with its devices' },
  'POST /phones/:number/scan': { summary: 'Scan a QR code', body: schemas.scanSchema },
  'POST /phones/:number/code': { summary: 'Type a pairing code', body: schemas.codeSchema },
  'DELETE /phones/:number/devices/:device': { summary: 'Unlink a client' },
  'POST /phones/:number/messages': {
    summary: 'A contact writes to it',
    body: schemas.incomingMessagesSchema,
  },
  'POST /phones/:number/typed': { summary: 'Its owner types', body: schemas.typedMessageSchema },
  'POST /phones/:number/calls': { summary: 'A contact calls it', body: schemas.callSchema },
  'PUT /phones/:number/restrictions': { summary: 'Time-lock and capping', body: schemas.restrictionsSchema },
  'POST /contacts': { summary: 'Create one or many contacts', body: schemas.newContactsSchema },
  'GET /contacts': { summary: 'All contacts' },
  'GET /contacts/:number': { summary: 'One contact' },
  'DELETE /contacts/:number': { summary: 'Remove a contact' },
  'PATCH /contacts/:number/policy': { summary: 'Which receipts it sends', body: schemas.policySchema },
  'POST /contacts/:number/presence': { summary: 'Show presence or typing', body: schemas.presenceSchema },
  'POST /contacts/:number/reinstall': { summary: 'Install WhatsApp anew', body: schemas.reinstallSchema },
  'POST /contacts/:number/companions': { summary: 'Add a companion device' },
  'DELETE /contacts/:number/companions/:device': { summary: 'Remove a companion device' },
  'GET /desk': {
    summary: 'Simulated phones as they look, with a wait for change',
    query: deskSchemas.deskQuery,
  },
  'POST /codes': { summary: 'Show a QR code to the phones', body: deskSchemas.shownCodeSchema },
  'POST /accounts/:number/read': { summary: 'Its owner reads a chat', body: deskSchemas.chatSchema },
  'GET /accounts/:number/files/:waId': { summary: 'A file in a message that the phone holds' },
  'PUT /accounts/:number/online': { summary: 'Give or take the network', body: schemas.onlineSchema },
  'POST /groups': { summary: 'Create a group', body: schemas.newGroupSchema },
  'GET /groups/:id': { summary: 'One group' },
  'POST /groups/:id/members': { summary: 'Change members', body: schemas.groupChangeSchema },
  'POST /groups/:id/messages': { summary: 'A contact writes in it', body: schemas.groupMessageSchema },
  'POST /receipts': { summary: 'A contact sends receipts', body: schemas.receiptSchema },
  'GET /messages': { summary: 'Messages that devices saw', query: schemas.messagesQuery },
  'GET /messages/:to/:waId/media': { summary: 'The file inside a message' },
  'POST /messages/:to/:waId/media/expire': {
    summary: 'Take the file off the media host',
    body: schemas.expirySchema,
  },
  'GET /deliveries': { summary: 'Messages on their way to clients', query: schemas.deliveriesQuery },
  'GET /receipts': { summary: 'Receipts of clients', query: schemas.receiptsQuery },
  'GET /presences': { summary: 'Presence and typing of clients', query: schemas.presencesQuery },
  'GET /calls': { summary: 'What clients did about calls', query: schemas.callsQuery },
  'GET /errors': { summary: 'What should not have happened', query: schemas.errorsQuery },
  'DELETE /records': { summary: 'Forget all records' },
  'GET /connections': { summary: 'Open connections', query: schemas.connectionsQuery },
  'POST /connections/drop': { summary: 'End connections', body: schemas.dropSchema },
  'GET /pairings': { summary: 'Clients that show a code', query: schemas.pairingsQuery },
  'POST /faults': { summary: 'Add a fault', body: schemas.faultSchema },
  'GET /faults': { summary: 'Faults that stand' },
  'DELETE /faults': { summary: 'Remove all faults' },
  'DELETE /faults/:id': { summary: 'Remove a fault' },
};

const toSchema = (schema: z.ZodType): { properties?: object } =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

function describe({ summary, body, query }: Operation, path: string): object {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const { properties = {} } = query ? toSchema(query) : {};
  const inQuery = Object.entries(properties).map(([name, schema]: [string, unknown]) => ({
    name,
    in: 'query',
    schema,
  }));
  return {
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: toSchema(body) } } },
    }),
    responses: { default: { description: 'JSON, or a problem (RFC 9457) with a reason' } },
  };
}

/** The whole description (OpenAPI 3.1). */
export function createOpenApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const [method = '', path = ''] = name.split(' ');
    const template = `/control/v1${path.replace(/:(\w+)/g, '{$1}')}`;
    paths[template] = { ...paths[template], [method.toLowerCase()]: describe(operation, path) };
  }
  return { openapi: '3.1.0', info: { title: 'Sluice simulator control API', version: '1' }, paths };
}
