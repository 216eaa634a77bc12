/**
 * What the HTTP side needs from the rest of the gateway; gateway.ts fills it, tests fill it with fakes.
 */
import type { Registry } from 'prom-client';
import type { oas31 } from 'zod-openapi';
import type { Clock } from '../lib/clock.js';
import type { Logger } from '../lib/logger.js';
import type { Media } from '../media/types.js';
import type { Outbox } from '../outbox/types.js';
import type { Events, Webhooks } from '../webhooks/types.js';
import type { Sessions } from '../whatsapp/types.js';
import type { Keys } from './keys.js';

/** Whether the parts that every request needs are working. */
export interface Readiness {
  ready: boolean;
  /** One line per part, `ok` or what is wrong; shown without a key, so no addresses or names. */
  checks: Record<string, string>;
}

export interface RateLimit {
  requests: number;
  perSeconds: number;
}

export interface HttpDeps {
  keys: Keys;
  sessions: Sessions;
  outbox: Outbox;
  media: Media;
  webhooks: Webhooks;
  events: Events;
  logger: Logger;
  clock: Clock;
  metrics: Registry;
  readiness: () => Promise<Readiness>;
  /** Resolves when everything that can be read now is on the disk: what is answered must not be gone after a power cut. */
  durable: () => Promise<void>;
  /** The program's version, for the OpenAPI document. */
  version: string;
  /** Per API key; generous by default (see http/rateLimit). */
  rateLimit?: RateLimit;
}

/** What a route's handler gets: the ports, and the document of all routes, made once when first asked for. */
export interface RouteDeps extends HttpDeps {
  openApi: () => oas31.OpenAPIObject;
}
