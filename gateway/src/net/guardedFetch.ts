/**
 * The only way out to addresses that users name (webhooks, media links): fetch over connections that the target guard
 * has checked. Never follows a redirect by itself; who follows one comes back here with the new URL.
 */
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { GatewayError, gatewayError } from '../domain/error.js';
import { plainHost } from './privateTargets.js';
import type { TargetGuard } from './targetGuard.js';

export interface GuardedRequest {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
}

export interface PostAnswer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string | string[] | undefined>;
  body: AsyncIterable<Uint8Array>;
}

export interface GuardedFetch {
  /**
   * One request, one answer; a redirect is an answer.
   * @throws GatewayError target_not_allowed, TypeError when the connection fails, the signal's reason when it is aborted
   */
  fetch: (url: string, request: GuardedRequest) => Promise<Response>;
  /**
   * A POST with less around it than fetch, for what is sent often: an answer that is not decompressed. Whoever reads only
   * a part of the body gives its connection up. @throws what fetch throws
   */
  post: (url: string, request: Omit<GuardedRequest, 'method'>) => Promise<PostAnswer>;
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
  async function guarded<T>(url: string, call: () => Promise<T>): Promise<T> {
    guard.check(url);
    try {
      return await call();
    } catch (error) {
      const refusal = refusalIn(error);
      throw refusal ? gatewayError(refusal.code, refusal.message, { cause: error }) : error;
    }
  }

  return {
    fetch(url, { method, headers, body, signal }) {
      const init = { method, headers, body, signal, redirect: 'manual', dispatcher: agent };
      // The built-in fetch is typed for the undici that Node brings; this agent has the same interface.
      return guarded(url, () => globalThis.fetch(url, init as unknown as RequestInit));
    },
    post: (url, { headers, body, signal }) =>
      guarded(url, async () => {
        const given = { accept: '*/*', ...headers };
        const answer = await request(url, {
          method: 'POST',
          headers: given,
          body,
          signal,
          dispatcher: agent,
        });
        // Errors reach whoever reads; what is left unread must not end the process with one.
        answer.body.on('error', () => undefined);
        return {
          status: answer.statusCode,
          headers: answer.headers,
          body: answer.body as AsyncIterable<Uint8Array>,
        };
      }),
    async close() {
      await agent.destroy();
    },
  };
}
