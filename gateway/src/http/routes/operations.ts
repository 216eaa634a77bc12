/**
 * For operators and their machines: liveness, readiness, metrics.
 */
import { z } from 'zod';
import { ok, route } from '../route.js';

const TAG = 'Operations';
const NOT_READY_RETRY_SECONDS = '5';

const live = z.strictObject({ status: z.literal('live') }).meta({ id: 'Live' });
const ready = z
  .strictObject({ status: z.enum(['ready', 'not_ready']), checks: z.record(z.string(), z.string()) })
  .meta({ id: 'Ready' });

export const operationsRoutes = [
  route(
    {
      method: 'get',
      path: '/health/live',
      tag: TAG,
      summary: 'Whether the process answers',
      access: 'public',
      answers: { 200: { description: 'It does', schema: live } },
    },
    () => ok({ status: 'live' }),
  ),
  route(
    {
      method: 'get',
      path: '/health/ready',
      tag: TAG,
      summary: 'Whether requests can be served',
      access: 'public',
      answers: {
        200: { description: 'They can', schema: ready },
        503: { description: 'They cannot; checks tells why', schema: ready },
      },
    },
    async ({ readiness }) => {
      const { ready: isReady, checks } = await readiness();
      if (isReady) return ok({ status: 'ready', checks });
      const headers = { 'Retry-After': NOT_READY_RETRY_SECONDS };
      return { status: 503, json: { status: 'not_ready', checks }, headers };
    },
  ),
  route(
    {
      method: 'get',
      path: '/metrics',
      tag: TAG,
      summary: 'Metrics for Prometheus',
      access: 'any-key',
      answers: { 200: { description: 'Prometheus text format', contentTypes: ['text/plain'] } },
    },
    async ({ metrics }) => ({
      status: 200,
      bytes: await metrics.metrics(),
      contentType: metrics.contentType,
    }),
  ),
];
