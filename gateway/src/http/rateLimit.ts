/**
 * A limit of requests per API key, so that one runaway workflow does not starve the others. Not the pacing of messages:
 * that is the outbox's, and waits instead of refusing.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { gatewayError } from '../domain/error.js';
import type { RateLimit } from './deps.js';

/** Far above what a workflow does, and above what one process can accept: no honest burst meets it, a runaway loop does. */
export const DEFAULT_RATE_LIMIT: RateLimit = { requests: 5_000, perSeconds: 1 };

/** Counts one request of a key. @throws GatewayError rate_limited */
export type CountRequest = (keyId: string) => Promise<void>;

export function createRateLimit({ requests, perSeconds }: RateLimit): CountRequest {
  const limiter = new RateLimiterMemory({ points: requests, duration: perSeconds });
  return async (keyId) => {
    try {
      await limiter.consume(keyId);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const detail = `This key has sent more than ${requests} requests in ${perSeconds} s.`;
      const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      throw gatewayError('rate_limited', detail, { retryAfterSeconds });
    }
  };
}
