/**
 * The guard against server-side request forgery: which URLs webhooks and media links may name, and which addresses a
 * connection may be made to. `guardedFetch` asks it again for every connection, so a name that changes its address
 * between the check and the connection gains nothing. It makes no request itself; names are resolved by what it is given.
 */
import { lookup } from 'node:dns/promises';
import { isIP, isIPv4 } from 'node:net';
import { gatewayError, type GatewayError } from '../domain/error.js';
import { isPublicAddress } from './address.js';
import { plainHost, type PrivateTargets } from './privateTargets.js';

/** All addresses of a host name. Rejects when there are none. */
export type Resolver = (hostname: string) => Promise<string[]>;

export const systemResolver: Resolver = async (hostname) =>
  (await lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address);

export interface TargetGuard {
  /** Checks what can be seen without resolving a name. @throws GatewayError target_not_allowed */
  check(url: string): URL;
  /**
   * Checks a URL when it is configured: its name is resolved too. A name that does not resolve now passes, since the
   * receiver may not be up yet; the connection is checked anyway. @throws GatewayError target_not_allowed
   */
  checkResolved(url: string): Promise<URL>;
  /** The addresses that a connection to the host may use. @throws GatewayError target_not_allowed, or the resolver's */
  addressesFor(host: string, port: number): Promise<string[]>;
}

const DEFAULT_PORT: Record<string, number> = { 'http:': 80, 'https:': 443 };

const refused = (detail: string): GatewayError => gatewayError('target_not_allowed', detail);

/** The port that a request to the URL goes to. */
const portOf = (url: URL): number => (url.port === '' ? (DEFAULT_PORT[url.protocol] ?? 0) : Number(url.port));

/** The host as it was written, before the URL parser turned octal, decimal, short and full-width forms into an IP. */
const writtenHost = (url: string): string => /^[^:]*:[/\\]*([^/\\?#:]*)/.exec(url.trim())?.[1] ?? '';

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw refused('This is not a complete URL; it starts with http:// or https://.');
  const url = new URL(text);
  if (!(url.protocol in DEFAULT_PORT)) throw refused('Only http and https addresses can be reached.');
  if (url.username !== '' || url.password !== '') {
    throw refused('The address must not contain a user name or password; use a header instead.');
  }
  if (isIPv4(url.hostname) && writtenHost(text) !== url.hostname) {
    throw refused('Write the IP address as four decimal numbers.');
  }
  return url;
}

export interface TargetGuardDeps {
  privateTargets: PrivateTargets;
  resolve: Resolver;
}

export function createTargetGuard({ privateTargets, resolve }: TargetGuardDeps): TargetGuard {
  const isAllowedAddress = (address: string, port: number): boolean =>
    isPublicAddress(address) || privateTargets.allowsAddress(address, port);

  function check(text: string): URL {
    const url = parseUrl(text);
    const host = plainHost(url.hostname);
    if (isIP(host) !== 0 && !isAllowedAddress(host, portOf(url))) {
      throw refused('This is a private or reserved IP address.');
    }
    return url;
  }

  async function addressesFor(host: string, port: number): Promise<string[]> {
    const name = plainHost(host);
    const addresses = isIP(name) === 0 ? await resolve(name) : [name];
    if (privateTargets.allowsHost(name, port)) return addresses;
    // One private address among public ones is refused too: it is how a check of the first one alone is passed.
    if (!addresses.every((address) => isAllowedAddress(address, port))) {
      throw refused('The host resolves to a private or reserved IP address.');
    }
    return addresses;
  }

  return {
    check,
    addressesFor,
    async checkResolved(text) {
      const url = check(text);
      const resolved = addressesFor(url.hostname, portOf(url));
      await resolved.catch((error: unknown) => {
        if ((error as { code?: unknown }).code === 'target_not_allowed') throw error;
      });
      return url;
    },
  };
}
