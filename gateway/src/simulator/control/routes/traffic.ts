/**
 * Control routes for what people do: write to a session, send receipts; and for reading what happened.
 */
import type { Router } from 'express';
import { sendTyped } from '../../messages/fromPhone.js';
import { sendReceipt } from '../../receipts/toClients.js';
import type { ControlDeps } from '../app.js';
import { parse } from '../problem.js';
import {
  deliveriesQuery,
  errorsQuery,
  incomingMessagesSchema,
  messagesQuery,
  presencesQuery,
  receiptSchema,
  receiptsQuery,
} from '../schemas.js';
import { collect, matches } from '../waiting.js';
import { accountOf } from './accounts.js';

function addSending(router: Router, deps: ControlDeps): void {
  const { world } = deps;
  router.post('/phones/:number/messages', async (request, response) => {
    const to = accountOf(deps, request.params.number);
    const wanted = parse(incomingMessagesSchema, request.body);
    const list = Array.isArray(wanted) ? wanted : [wanted];
    const senders = list.map(({ from }) => accountOf(deps, from));
    // Started in order; each sender's messages reach a device in the order of the list.
    const waIds = await Promise.all(
      list.map(({ text, addressing, waId }, index) => {
        const from = senders[index] ?? to;
        return sendTyped(world, { from, to, content: { conversation: text }, addressing, waId });
      }),
    );
    response.status(201).json({ waIds });
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

function addReading(router: Router, deps: ControlDeps): void {
  const { records, changes } = deps.world;
  router.get('/messages', async (request, response) => {
    const { waitForCount, timeoutMs, session, ...filter } = parse(messagesQuery, request.query);
    const wanted = { ...filter, from: filter.from ?? session };
    const list = (): object[] => records.messages.all().filter((record) => matches(record, wanted));
    response.json(await collect(changes, { waitForCount, timeoutMs }, list));
  });
  router.get('/deliveries', async (request, response) => {
    const { waitForCount, timeoutMs, ...filter } = parse(deliveriesQuery, request.query);
    const list = (): object[] => records.deliveries.all().filter((record) => matches(record, filter));
    response.json(await collect(changes, { waitForCount, timeoutMs }, list));
  });
  router.get('/receipts', async (request, response) => {
    const { waitForCount, timeoutMs, waId, ...filter } = parse(receiptsQuery, request.query);
    const list = (): object[] =>
      records.receipts
        .all()
        .filter((record) => matches(record, filter) && (!waId || record.waIds.includes(waId)));
    response.json(await collect(changes, { waitForCount, timeoutMs }, list));
  });
  router.get('/presences', async (request, response) => {
    const { waitForCount, timeoutMs, ...filter } = parse(presencesQuery, request.query);
    const list = (): object[] => records.presences.all().filter((record) => matches(record, filter));
    response.json(await collect(changes, { waitForCount, timeoutMs }, list));
  });
  router.get('/errors', async (request, response) => {
    const { waitForCount, timeoutMs, ...filter } = parse(errorsQuery, request.query);
    const list = (): object[] => records.errors.all().filter((record) => matches(record, filter));
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
