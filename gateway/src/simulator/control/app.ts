/**
 * The control side's Express application: everything under /control/v1, and the phone page, which uses that API.
 * Loopback only.
 */
import express, { Router, type Express, type RequestHandler } from 'express';
import type { Connections } from '../connections.js';
import type { Pairing } from '../pairing/pairing.js';
import type { World } from '../world.js';
import { allowLoopbackOnly } from './guard.js';
import { createPhonePage } from './phonePage.js';
import { ControlError, handleProblem, handleUnknownPath } from './problem.js';
import { addAccountRoutes } from './routes/accounts.js';
import { addDeskRoutes } from './routes/desk.js';
import { addGroupRoutes } from './routes/groups.js';
import { addNetworkRoutes } from './routes/network.js';
import { addPeopleRoutes } from './routes/people.js';
import { addTrafficRoutes } from './routes/traffic.js';

const BODY_LIMIT = '32mb';

export interface ControlDeps {
  world: World;
  pairing: Pairing;
  connections: Connections;
  /** Where clients connect. */
  url(): string;
}

/** Express leaves such a body unread; the refusal would then speak of missing fields. */
const demandJson: RequestHandler = (request, _response, next) => {
  const isEmpty = request.headers['content-length'] === '0';
  if (!isEmpty && request.is('json') === false) {
    const detail = 'the body must be JSON, sent with the header Content-Type: application/json';
    throw new ControlError(415, 'not_json', detail);
  }
  next();
};

/** All routes under /control/v1. */
export function createControlRouter(deps: ControlDeps): Router {
  const router = Router();
  router.use((request, response, next) => {
    // Whoever waits for records, and the saved state, should see what a call has changed.
    if (request.method !== 'GET') response.on('finish', () => deps.world.changes.notify());
    next();
  });
  // First, because a load test writes through it for every message, and Express asks one route after another.
  addTrafficRoutes(router, deps);
  addAccountRoutes(router, deps);
  addPeopleRoutes(router, deps);
  addGroupRoutes(router, deps);
  addNetworkRoutes(router, deps);
  addDeskRoutes(router, deps);
  return router;
}

/** The application, not listening yet. */
export function createControlApp(deps: ControlDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(allowLoopbackOnly);
  app.use(demandJson);
  app.use(express.json({ limit: BODY_LIMIT }));
  app.use('/control/v1', createControlRouter(deps));
  app.use(createPhonePage());
  app.use(handleUnknownPath);
  app.use(handleProblem);
  return app;
}
