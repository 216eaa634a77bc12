/**
 * Control routes for what people do: write to a session, send receipts; and for reading what happened.
 */
import type { Router } from 'express';
import { findMedia, openMedia } from '../../media/mediaMessage.js';
import type { Addressing } from '../../directory/address.js';
import type { Account } from '../../directory/directory.js';
import { sendTyped } from '../../messages/fromPhone.js';
import type { Unavailable } from '../../messages/toLinkedDevice.js';
import type { SeenMessage } from '../../records/records.js';
import { sendReceipt } from '../../receipts/toClients.js';
import type { ControlDeps } from '../app.js';
import { ControlError, notFound, parse } from '../problem.js';
import {
  callsQuery,
  deliveriesQuery,
  errorsQuery,
  messagesQuery,
  presencesQuery,
  receiptsQuery,
} from '../filters.js';
import {
  expirySchema,
  incomingMessagesSchema,
  lettersSchema,
  receiptSchema,
  typedMessageSchema,
} from '../schemas.js';
import { collect, matcher } from '../waiting.js';
import { viewMessage } from '../views.js';
import { toMessage, type Written } from '../written.js';
import { accountOf } from './accounts.js';

interface Letter extends Written {
  addressing: Addressing;
  waId?: string | undefined;
  corrupt?: boolean | undefined;
  unavailable?: Unavailable | undefined;
}

/** Sends what somebody wrote. @throws ControlError 422 when it refers to something that was never seen. */
function write(
  { world }: ControlDeps,
  people: { from: Account; to: Account },
  letter: Letter,
): Promise<string> {
  const { addressing, waId, corrupt: isCorrupted, unavailable } = letter;
  const made = toMessage({ world, ...people, addressing }, letter);
  return sendTyped(world, { ...people, ...made, addressing, waId, isCorrupted, unavailable });
}

function addSending(router: Router, deps: ControlDeps): void {
  const { world } = deps;
  // Started in order; each sender's messages reach a device in the order of the list.
  const writeAll = (letters: (Letter & { from: string; to: string })[]): Promise<string[]> => {
    const addressed = letters.map(({ from, to, ...letter }) => ({
      people: { from: accountOf(deps, from), to: accountOf(deps, to) },
      letter,
    }));
    return Promise.all(addressed.map(({ people, letter }) => write(deps, people, letter)));
  };
  router.post('/phones/:number/messages', async (request, response) => {
    const { number: to } = request.params;
    accountOf(deps, to);
    const wanted = [parse(incomingMessagesSchema, request.body)].flat();
    response.status(201).json({ waIds: await writeAll(wanted.map((message) => ({ ...message, to }))) });
  });
  router.post('/messages', async (request, response) => {
    response.status(201).json({ waIds: await writeAll(parse(lettersSchema, request.body)) });
  });
  router.post('/phones/:number/typed', async (request, response) => {
    const from = accountOf(deps, request.params.number);
    const { to, ...written } = parse(typedMessageSchema, request.body);
    response.status(201).json({ waIds: [await write(deps, { from, to: accountOf(deps, to) }, written)] });
  });
  router.post('/receipts', (request, response) => {
    const { from, to, waIds, type, addressing } = parse(receiptSchema, request.body);
    sendReceipt(world, {
      from: accountOf(deps, from),
      to: accountOf(deps, to),
      ids: waIds,
      type: type === 'delivered' ? undefined : type,
      addressing,
    });
    response.status(204).end();
  });
}

/** The message as somebody's devices saw it. @throws ControlError 404. */
function seenBy({ world }: ControlDeps, { to, waId }: { to: string; waId: string }): SeenMessage {
  const seen = world.records.messages.all().find((record) => record.to === to && record.waId === waId);
  if (!seen) throw notFound(`message ${waId} at ${to}`);
  return seen;
}

/** The file in a message. @throws ControlError 409 when it is gone or was changed. */
function openFile({ world }: ControlDeps, { message }: SeenMessage): ReturnType<typeof openMedia> {
  try {
    return openMedia(world.media, message);
  } catch (error) {
    throw new ControlError(409, 'unreadable_file', error instanceof Error ? error.message : String(error));
  }
}

function addReading(router: Router, deps: ControlDeps): void {
  const { records, changes } = deps.world;
  router.get('/messages', async (request, response) => {
    const { waitForCount, timeoutMs, session, repeated, ...filter } = parse(messagesQuery, request.query);
    const isWanted = matcher({ ...filter, from: filter.from ?? session });
    const isRepeat = (record: SeenMessage): boolean =>
      repeated === undefined || record.arrival > 1 === repeated;
    const list = (): SeenMessage[] =>
      records.messages.all().filter((record) => isWanted(record) && isRepeat(record));
    const { items, complete } = await collect(changes, { waitForCount, timeoutMs }, list);
    response.json({ items: items.map(viewMessage), complete });
  });
  router.get('/messages/:to/:waId/media', (request, response) => {
    const media = openFile(deps, seenBy(deps, request.params));
    if (!media) throw notFound(`file in message ${request.params.waId}`);
    response.json({ mimetype: media.mimetype, base64: media.bytes.toString('base64') });
  });
  router.post('/messages/:to/:waId/media/expire', (request, response) => {
    const { phoneHasIt } = parse(expirySchema, request.body);
    const directPath = findMedia(seenBy(deps, request.params).message)?.fields.directPath;
    if (!directPath || !deps.world.media.expire(directPath, phoneHasIt))
      throw notFound(`file in message ${request.params.waId}`);
    response.status(204).end();
  });
  router.get('/deliveries', async (request, response) => {
    const { waitForCount, timeoutMs, ...filter } = parse(deliveriesQuery, request.query);
    const isWanted = matcher(filter);
    const list = (): object[] => records.deliveries.all().filter(isWanted);
    response.json(await collect(changes, { waitForCount, timeoutMs }, list));
  });
  router.get('/receipts', async (request, response) => {
    const { waitForCount, timeoutMs, waId, ...filter } = parse(receiptsQuery, request.query);
    const isWanted = matcher(filter);
    const list = (): object[] =>
      records.receipts.all().filter((record) => isWanted(record) && (!waId || record.waIds.includes(waId)));
    response.json(await collect(changes, { waitForCount, timeoutMs }, list));
  });
  router.get('/presences', async (request, response) => {
    const { waitForCount, timeoutMs, ...filter } = parse(presencesQuery, request.query);
    const isWanted = matcher(filter);
    const list = (): object[] => records.presences.all().filter(isWanted);
    response.json(await collect(changes, { waitForCount, timeoutMs }, list));
  });
  router.get('/calls', async (request, response) => {
    const { waitForCount, timeoutMs, ...filter } = parse(callsQuery, request.query);
    const isWanted = matcher(filter);
    const list = (): object[] => records.calls.all().filter(isWanted);
    response.json(await collect(changes, { waitForCount, timeoutMs }, list));
  });
  router.get('/errors', async (request, response) => {
    const { waitForCount, timeoutMs, ...filter } = parse(errorsQuery, request.query);
    const isWanted = matcher(filter);
    const list = (): object[] => records.errors.all().filter(isWanted);
    response.json(await collect(changes, { waitForCount, timeoutMs }, list));
  });
  router.delete('/records', (_request, response) => {
    records.clear();
    response.status(204).end();
  });
}

/** Adds the routes. */
export function addTrafficRoutes(router: Router, deps: ControlDeps): void {
  addSending(router, deps);
  addReading(router, deps);
}
