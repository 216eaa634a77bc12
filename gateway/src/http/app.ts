/**
 * The HTTP side as one Express application. gateway.ts makes it with the ports and gives `app` to http/server.
 * Express knows nothing of WhatsApp or SQL, and the rest of the gateway nothing of Express.
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { oas31 } from 'zod-openapi';
import { gatewayError } from '../domain/error.js';
import { createDashboard } from './dashboard.js';
import type { HttpDeps } from './deps.js';
import { DOCS_STYLE_HASH } from './docs/style.js';
import { mount } from './mount.js';
import { openApiDocument } from './openapi.js';
import { answerError } from './problem.js';
import { DEFAULT_RATE_LIMIT, createRateLimit } from './rateLimit.js';
import { requestId } from './requestId.js';
import { requestLog } from './requestLog.js';
import { ALL_ROUTES } from './routes/index.js';

export interface HttpApp {
  app: Express;
  /** From now on new requests are refused with shutting_down, and streams and long waits end. */
  drain(): void;
}

const STYLE = `'sha256-${DOCS_STYLE_HASH}'`;

const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      styleSrc: ["'self'", STYLE],
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  // The gateway speaks plain HTTP; whether there is TLS in front is the proxy's to say.
  strictTransportSecurity: false,
});

/** What helmet sets is the same on every answer; it is asked once, because its dozen steps cost each request. */
function fixedHeaders(): Map<string, string> {
  const answer = new ServerResponse(new IncomingMessage(new Socket()));
  securityHeaders(answer.req, answer, (error) => {
    if (error !== undefined) throw new Error('helmet refuses its own settings', { cause: error });
  });
  const given = Object.entries(answer.getHeaders()).map(([name, value]) => [name, String(value)] as const);
  // QR codes, keys and messages must not stay in a cache on the way.
  return new Map([...given, ['cache-control', 'no-store']]);
}

function setFixedHeaders(): RequestHandler {
  const headers = fixedHeaders();
  return (_request, response, next) => {
    response.setHeaders(headers);
    next();
  };
}

const refuseWhileStopping =
  (stopping: AbortSignal): RequestHandler =>
  (request, response, next) => {
    if (stopping.aborted && request.path !== '/health/live') {
      response.set('Connection', 'close');
      throw gatewayError('shutting_down');
    }
    next();
  };

/** Making the document takes tens of milliseconds, and anybody may ask for it. */
function documentOnce(version: string): () => oas31.OpenAPIObject {
  let document: oas31.OpenAPIObject | undefined;
  return () => (document ??= openApiDocument(ALL_ROUTES, version));
}

export function createApp(deps: HttpDeps): HttpApp {
  const draining = new AbortController();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  const router = express.Router();
  router.use(refuseWhileStopping(draining.signal));
  router.use(createDashboard());
  mount(router, ALL_ROUTES, {
    deps: { ...deps, openApi: documentOnce(deps.version) },
    countRequest: createRateLimit(deps.rateLimit ?? DEFAULT_RATE_LIMIT),
    stopping: draining.signal,
  });
  app.use(requestId, requestLog(deps), setFixedHeaders(), (request, response) => {
    router(request, response, (error: unknown) => {
      const missing = gatewayError('not_found', `There is no ${request.method} at this address.`);
      answerError(error ?? missing, response, deps.logger);
    });
  });
  return {
    app,
    drain() {
      draining.abort();
    },
  };
}
