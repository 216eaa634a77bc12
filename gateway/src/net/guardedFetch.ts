/**
 * The only way out to addresses that users name (webhooks, media links): fetch over connections that the target guard
 * has checked. Never follows a redirect by itself; who follows one comes back here with the new URL.
 */
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { GatewayError, gatewayError } from '../domain/error.js';
import { plainHost } from './privateTargets.js';
import type { TargetGuard } from './targetGuard.js';

export interface GuardedRequest {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
}

export interface GuardedFetch {
  /**
   * One request, one answer; a redirect is an answer.
   * @throws GatewayError target_not_allowed, TypeError when the connection fails, the signal's reason when it is aborted
   */
  fetch: (url: string, request: GuardedRequest) => Promise<Response>;
  /** Ends all connections. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** The callers have their own, shorter limits; these only free what they might leave behind. */
const BACKSTOP_MS = 120_000;

/** Fetch keeps the cause of a plain Error only, and makes text of the others. */
const asPlain = (error: unknown): Error =>
  error instanceof GatewayError ? new Error(error.code, { cause: error }) : (error as Error);

/** Hands a socket the addresses that the guard has checked, so that what was checked is what is connected to. */
const lookupFor =
  (guard: TargetGuard, port: number): LookupFunction =>
  (hostname, options, callback) => {
    guard.addressesFor(hostname, port).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        const first = found[0];
        if (!first) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '');
        else if (options.all === true) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        callback(asPlain(error), '');
      },
    );
  };

function guardedConnector(guard: TargetGuard): buildConnector.connector {
  const byPort = new Map<number, buildConnector.connector>();
  const connectorFor = (port: number): buildConnector.connector => {
    const known = byPort.get(port);
    if (known) return known;
    const made = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: lookupFor(guard, port) });
    byPort.set(port, made);
    return made;
  };
  return (options, callback) => {
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    // Sockets do not look up literal addresses, so the lookup hook alone would let every one of them through.
    if (isIP(plainHost(options.hostname)) === 0) {
      connectorFor(port)(options, callback);
      return;
    }
    guard.addressesFor(options.hostname, port).then(
      () => {
        connectorFor(port)(options, callback);
      },
      (error: unknown) => {
        callback(asPlain(error), null);
      },
    );
  };
}

/** The guard's refusal, wherever fetch has wrapped it. */
function refusalIn(error: unknown): GatewayError | null {
  for (let cause = error; cause; cause = (cause as { cause?: unknown }).cause) {
    if (cause instanceof GatewayError) return cause;
  }
  return null;
}

export function createGuardedFetch(guard: TargetGuard): GuardedFetch {
  const agent = new Agent({
    connect: guardedConnector(guard),
    headersTimeout: BACKSTOP_MS,
    bodyTimeout: BACKSTOP_MS,
  });
  return {
    async fetch(url, { method, headers, body, signal }) {
      guard.check(url);
      const init = { method, headers, body, signal, redirect: 'manual', dispatcher: agent };
      try {
        // The built-in fetch is typed for the undici that Node brings; this agent has the same interface.
        return await globalThis.fetch(url, init as unknown as RequestInit);
      } catch (error) {
        const refusal = refusalIn(error);
        throw refusal ? gatewayError(refusal.code, refusal.message, { cause: error }) : error;
      }
    },
    async close() {
      await agent.destroy();
    },
  };
}
