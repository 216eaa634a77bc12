/**
 * One line per request, and the time it took as a metric. Names the route's pattern, never its path: a path can hold a
 * phone number, a query a recipient, a header a key, a body anything.
 */
import type { RequestHandler } from 'express';
import { Histogram } from 'prom-client';
import type { Caller } from '../domain/apiKey.js';
import type { HttpDeps } from './deps.js';
import { requestIdOf } from './requestId.js';

/** Asked every few seconds by machines; they would drown the rest. */
const QUIET_ROUTES = ['/health/live', '/health/ready', '/metrics'];

const levelOf = (status: number, route: string): 'error' | 'info' | 'debug' => {
  if (status >= 500 && status !== 503) return 'error';
  return QUIET_ROUTES.includes(route) ? 'debug' : 'info';
};

export function requestLog({
  logger,
  clock,
  metrics,
}: Pick<HttpDeps, 'logger' | 'clock' | 'metrics'>): RequestHandler {
  const duration = new Histogram({
    name: 'sluice_http_request_duration_seconds',
    help: 'Time to answer an HTTP request',
    labelNames: ['method', 'route', 'status'],
    registers: [metrics],
  });
  return (request, response, next) => {
    const startedAt = clock.now();
    // 'close' comes also when the client goes away before the answer.
    response.once('close', () => {
      const durationMs = clock.now() - startedAt;
      const {
        route = 'none',
        caller,
        code,
      } = response.locals as { route?: string; caller?: Caller; code?: string };
      const { method } = request;
      const status = response.writableFinished ? response.statusCode : 499;
      duration.observe({ method, route, status: String(status) }, durationMs / 1000);
      const line = {
        requestId: requestIdOf(response),
        method,
        route,
        status,
        durationMs,
        keyId: caller?.keyId,
        code,
      };
      logger[levelOf(status, route)](line, 'request');
    });
    next();
  };
}
