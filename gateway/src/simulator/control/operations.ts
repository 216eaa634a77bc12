/**
 * The operations of the control API: what each takes and answers, by its schemas. The OpenAPI description is made of them, and tests
 * compare them with the routes that exist.
 */
import { z } from 'zod';
import * as answers from './answers.js';
import { deskAnswer } from './deskAnswers.js';
import * as deskSchemas from './deskSchemas.js';
import * as filters from './filters.js';
import * as schemas from './schemas.js';

export interface Operation {
  summary: string;
  body?: z.ZodType;
  query?: z.ZodType;
  /** What a success answers: JSON, the bytes of a file, or (without it) nothing. */
  answer?: z.ZodType | 'file';
  /** The status of a success; by default 200, or 204 when nothing is answered. */
  status?: number;
}

const accounts = answers.itemsOf(answers.accountAnswer);

/** By method and path, as Express writes paths. */
export const OPERATIONS: Record<string, Operation> = {
  'GET /server': { summary: 'Addresses, root key and media CA', answer: answers.serverAnswer },
  'GET /metrics': { summary: 'Counters, CPU time and memory', answer: answers.metricsAnswer },
  'GET /openapi.json': { summary: 'This description', answer: answers.openApiAnswer },
  'POST /phones': {
    summary: 'Create a phone whose owner can scan',
    body: schemas.newPhoneSchema,
    status: 201,
    answer: answers.accountAnswer,
  },
  'GET /phones': { summary: 'All phones', answer: accounts },
  'GET /phones/:number': { summary: 'One phone with its devices', answer: answers.accountAnswer },
  'POST /phones/:number/scan': {
    summary: 'Scan a QR code',
    body: schemas.scanSchema,
    answer: answers.pairedAnswer,
  },
  'POST /phones/:number/code': {
    summary: 'Type a pairing code',
    body: schemas.codeSchema,
    answer: answers.pairedAnswer,
  },
  'DELETE /phones/:number/devices/:device': { summary: 'Unlink a client' },
  'POST /phones/:number/messages': {
    summary: 'A contact writes to it',
    body: schemas.incomingMessagesSchema,
    status: 201,
    answer: answers.waIdsAnswer,
  },
  'POST /messages': {
    summary: 'Contacts write to many phones at once',
    body: schemas.lettersSchema,
    status: 201,
    answer: answers.waIdsAnswer,
  },
  'POST /phones/:number/typed': {
    summary: 'Its owner types',
    body: schemas.typedMessageSchema,
    status: 201,
    answer: answers.waIdsAnswer,
  },
  'POST /phones/:number/calls': {
    summary: 'A contact calls it',
    body: schemas.callSchema,
    status: 201,
    answer: answers.callIdAnswer,
  },
  'PUT /phones/:number/restrictions': { summary: 'Time-lock and capping', body: schemas.restrictionsSchema },
  'POST /contacts': {
    summary: 'Create one or many contacts',
    body: schemas.newContactsSchema,
    status: 201,
    answer: z.union([answers.accountAnswer, z.array(answers.accountAnswer)]),
  },
  'GET /contacts': { summary: 'All contacts', answer: accounts },
  'GET /contacts/:number': { summary: 'One contact', answer: answers.accountAnswer },
  'DELETE /contacts/:number': { summary: 'Remove a contact' },
  'PATCH /contacts/:number/policy': {
    summary: 'Which receipts it sends',
    body: schemas.policySchema,
    answer: answers.accountAnswer,
  },
  'POST /contacts/:number/presence': { summary: 'Show presence or typing', body: schemas.presenceSchema },
  'POST /contacts/:number/reinstall': {
    summary: 'Install WhatsApp anew',
    body: schemas.reinstallSchema,
    answer: answers.accountAnswer,
  },
  'POST /contacts/:number/companions': {
    summary: 'Add a companion device',
    status: 201,
    answer: answers.accountAnswer,
  },
  'DELETE /contacts/:number/companions/:device': { summary: 'Remove a companion device' },
  'GET /desk': {
    summary: 'Simulated phones as they look, with a wait for change',
    query: deskSchemas.deskQuery,
    answer: deskAnswer,
  },
  'POST /codes': { summary: 'Show a QR code to the phones', body: deskSchemas.shownCodeSchema },
  'POST /accounts/:number/read': {
    summary: 'Its owner reads a chat',
    body: deskSchemas.chatSchema,
    answer: answers.readAnswer,
  },
  'GET /accounts/:number/files/:waId': {
    summary: 'A file in a message that the phone holds',
    answer: 'file',
  },
  'PUT /accounts/:number/online': {
    summary: 'Give or take the network',
    body: schemas.onlineSchema,
    answer: answers.accountAnswer,
  },
  'POST /groups': {
    summary: 'Create a group',
    body: schemas.newGroupSchema,
    status: 201,
    answer: answers.groupAnswer,
  },
  'GET /groups/:id': { summary: 'One group', answer: answers.groupAnswer },
  'PUT /groups/:id/subject': {
    summary: 'Rename it',
    body: schemas.subjectSchema,
    answer: answers.groupAnswer,
  },
  'PATCH /groups/:id/settings': {
    summary: 'Change how it is set',
    body: schemas.groupSettingsSchema,
    answer: answers.groupAnswer,
  },
  'POST /groups/joins': {
    summary: 'Somebody follows the link of a group',
    body: schemas.joinSchema,
    status: 201,
    answer: answers.joinAnswer,
  },
  'POST /groups/:id/members': {
    summary: 'Change members',
    body: schemas.groupChangeSchema,
    answer: answers.groupAnswer,
  },
  'POST /groups/:id/messages': {
    summary: 'A contact writes in it',
    body: schemas.groupMessageSchema,
    status: 201,
    answer: answers.waIdAnswer,
  },
  'POST /receipts': { summary: 'A contact sends receipts', body: schemas.receiptSchema },
  'GET /messages': {
    summary: 'Messages that devices saw',
    query: filters.messagesQuery,
    answer: answers.matchesOf(answers.messageAnswer),
  },
  'GET /messages/:to/:waId/media': { summary: 'The file inside a message', answer: answers.mediaAnswer },
  'POST /messages/:to/:waId/media/expire': {
    summary: 'Take the file off the media host',
    body: schemas.expirySchema,
  },
  'GET /deliveries': {
    summary: 'Messages on their way to clients',
    query: filters.deliveriesQuery,
    answer: answers.matchesOf(answers.deliveryAnswer),
  },
  'GET /receipts': {
    summary: 'Receipts of clients',
    query: filters.receiptsQuery,
    answer: answers.matchesOf(answers.receiptAnswer),
  },
  'GET /presences': {
    summary: 'Presence and typing of clients',
    query: filters.presencesQuery,
    answer: answers.matchesOf(answers.presenceAnswer),
  },
  'GET /calls': {
    summary: 'What clients did about calls',
    query: filters.callsQuery,
    answer: answers.matchesOf(answers.callAnswer),
  },
  'GET /errors': {
    summary: 'What should not have happened',
    query: filters.errorsQuery,
    answer: answers.matchesOf(answers.errorAnswer),
  },
  'DELETE /records': { summary: 'Forget all records' },
  'GET /connections': {
    summary: 'Open connections',
    query: filters.connectionsQuery,
    answer: answers.matchesOf(answers.connectionAnswer),
  },
  'POST /connections/drop': {
    summary: 'End connections',
    body: schemas.dropSchema,
    answer: answers.droppedAnswer,
  },
  'GET /pairings': {
    summary: 'Clients that show a code',
    query: filters.pairingsQuery,
    answer: answers.matchesOf(answers.pairingAnswer),
  },
  'POST /faults': {
    summary: 'Add a fault',
    body: schemas.faultSchema,
    status: 201,
    answer: answers.faultAnswer,
  },
  'GET /faults': { summary: 'Faults that stand', answer: answers.itemsOf(answers.faultAnswer) },
  'DELETE /faults': { summary: 'Remove all faults' },
  'DELETE /faults/:id': { summary: 'Remove a fault' },
};
