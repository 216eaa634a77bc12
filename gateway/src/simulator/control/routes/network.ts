/**
 * Control routes for connections, faults, metrics and the simulator's own address.
 */
import type { Router } from 'express';
import type { ControlDeps } from '../app.js';
import { sendStreamError } from '../../login/streamError.js';
import { createOpenApi } from '../openapi.js';
import { objectionTo } from '../../faults/limits.js';
import { ControlError, notFound, parse } from '../problem.js';
import { connectionsQuery, pairingsQuery } from '../filters.js';
import { dropSchema, faultSchema } from '../schemas.js';
import type { ConnectionView, PairingView } from '../answers.js';
import { viewConnection, viewPairing } from '../views.js';
import { collect, matcher } from '../waiting.js';

function addConnections(router: Router, { world, connections, pairing }: ControlDeps): void {
  const list = (): ConnectionView[] =>
    connections.list().map((entry) => viewConnection(entry, world.directory.byNumber(entry.session ?? '')));

  router.get('/connections', async (request, response) => {
    const { waitForCount, timeoutMs, ...filter } = parse(connectionsQuery, request.query);
    const matching = (): ConnectionView[] => list().filter(matcher(filter));
    response.json(await collect(world.changes, { waitForCount, timeoutMs }, matching));
  });
  router.get('/pairings', async (request, response) => {
    const { waitForCount, timeoutMs, ...filter } = parse(pairingsQuery, request.query);
    const matching = (): PairingView[] => pairing.waiting().map(viewPairing).filter(matcher(filter));
    response.json(await collect(world.changes, { waitForCount, timeoutMs }, matching));
  });
  router.post('/connections/drop', (request, response) => {
    const { session, device, how, code } = parse(dropSchema, request.body);
    const dropped = connections.list().filter(matcher({ session, device }));
    for (const { connection } of dropped) {
      if (how === 'stream_error') sendStreamError(connection, code);
      else connection[how]();
    }
    response.json({ dropped: dropped.length });
  });
}

function addFaults(router: Router, { world }: ControlDeps): void {
  router.post('/faults', (request, response) => {
    const spec = parse(faultSchema, request.body);
    const objection = objectionTo(spec);
    if (objection) throw new ControlError(400, 'impossible_fault', objection);
    response.status(201).json(world.faults.add(spec));
  });
  router.get('/faults', (_request, response) => {
    response.json({ items: world.faults.list() });
  });
  router.delete('/faults', (_request, response) => {
    world.faults.clear();
    response.status(204).end();
  });
  router.delete('/faults/:id', (request, response) => {
    if (!world.faults.remove(request.params.id)) throw notFound(`fault ${request.params.id}`);
    response.status(204).end();
  });
}

/** Adds the routes. */
export function addNetworkRoutes(router: Router, deps: ControlDeps): void {
  addConnections(router, deps);
  addFaults(router, deps);
  router.get('/metrics', (_request, response) => {
    response.json(deps.world.metrics.read());
  });
  router.get('/openapi.json', (_request, response) => {
    response.json(createOpenApi());
  });
  router.get('/server', (_request, response) => {
    const { keys, tls } = deps.world;
    response.json({ url: deps.url(), rootKeyHex: keys.rootKeyHex, mediaCaPem: tls.caPem });
  });
}
