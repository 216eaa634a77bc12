/**
 * Opens a link to a media file: redirects followed one by one, each checked by the target guard, with a time limit.
 * It hands on a stream and stores nothing. Used by media.ts.
 */
import { GatewayError, gatewayError } from '../domain/error.js';
import type { Clock } from '../lib/clock.js';
import type { GuardedFetch } from '../net/guardedFetch.js';
import { tooLarge } from './files.js';

export interface LinkDeps {
  clock: Clock;
  fetch: GuardedFetch['fetch'];
}

export interface LinkLimits {
  maxBytes: number;
  /** From the first request to the last byte. */
  timeoutMs: number;
  /** Media types that are asked for. */
  accept: string;
}

export interface OpenLink {
  /** Where the redirects have led. */
  url: string;
  chunks: AsyncIterable<Uint8Array>;
  mimeType: string | null;
  /** Last part of the path, when it looks like a file's name. */
  filename: string | null;
  /** Ends the connection and the time limit; call in every case. */
  close(): void;
}

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

const unreachable = (detail: string, cause?: unknown): GatewayError =>
  gatewayError('media_unreachable', detail, cause === undefined ? {} : { cause });

/** Follows redirects to the answer that is none. */
async function request(
  fetch: LinkDeps['fetch'],
  url: string,
  { accept, signal }: { accept: string; signal: AbortSignal },
): Promise<{ url: string; response: Response }> {
  let current = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await fetch(current, {
      method: 'GET',
      headers: { accept, 'user-agent': 'Sluice' },
      signal,
    });
    if (!REDIRECTS.has(response.status)) return { url: current, response };
    const location = response.headers.get('location');
    await response.body?.cancel();
    if (location === null || !URL.canParse(location, current)) {
      throw unreachable(`The media link redirects (${response.status}) to no address.`);
    }
    current = new URL(location, current).href;
  }
  throw unreachable(`The media link redirects more than ${MOST_REDIRECTS} times.`);
}

function filenameOf(url: string): string | null {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // Not percent-encoded UTF-8: the name stays as it stands in the link.
  }
  return /^[^/\\\p{Cc}]{1,120}\.[A-Za-z0-9]{1,8}$/u.test(name) ? name : null;
}

/** Tells a GatewayError on, and everything else as unreachable; no address in the text. */
function asUnreachable(error: unknown, timedOutAfterMs: number | null): GatewayError {
  if (error instanceof GatewayError) return error;
  if (timedOutAfterMs !== null)
    return unreachable(`The media link took longer than ${timedOutAfterMs / 1_000} seconds.`, error);
  return unreachable('The media link could not be fetched: the connection failed.', error);
}

/**
 * Opens the link for reading. Failures while the chunks are read are GatewayErrors too.
 * @throws GatewayError media_unreachable, target_not_allowed, media_too_large when the server says so beforehand
 */
export async function openLink(
  { clock, fetch }: LinkDeps,
  link: string,
  { maxBytes, timeoutMs, accept }: LinkLimits,
): Promise<OpenLink> {
  const limit = new AbortController();
  const timeout = new AbortController();
  const cancel = clock.schedule(() => {
    timeout.abort();
    limit.abort();
  }, timeoutMs);
  const close = (): void => {
    cancel();
    limit.abort();
  };
  const asError = (error: unknown): GatewayError =>
    asUnreachable(error, timeout.signal.aborted ? timeoutMs : null);

  async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
    try {
      if (response.body) yield* response.body as unknown as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw asError(error);
    }
  }

  try {
    const { url, response } = await request(fetch, link, { accept, signal: limit.signal });
    if (response.status !== 200) throw unreachable(`The media link answers ${response.status}.`);
    if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const mimeType = response.headers.get('content-type');
    return { url, chunks: chunksOf(response), mimeType, filename: filenameOf(url), close };
  } catch (error) {
    close();
    throw asError(error);
  }
}
