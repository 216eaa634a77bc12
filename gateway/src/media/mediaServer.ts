/**
 * Requests to WhatsApp's media servers: where a message's file lies, and opening it for reading. Goes to WhatsApp's own
 * hosts and nowhere else, whatever address a message names; with a simulated WhatsApp to this machine and nowhere else.
 * Baileys' own download is not used: in rc14 a connection that breaks off ends the whole process.
 */
import { Agent, request } from 'undici';
import type { MediaSource } from '../domain/incomingMedia.js';

export interface OpenFile {
  status: number;
  /** Ends the connection when it is left early. */
  chunks: AsyncIterable<Uint8Array>;
  /** What the server says the size is, in bytes. */
  announcedBytes: number | null;
  /** Gives up an answer that is not read. */
  drop: () => void;
}

export interface MediaServer {
  /** Where to fetch the file; null when the message names no address that may be reached. */
  addressOf: (source: Pick<MediaSource, 'url' | 'directPath'>) => string | null;
  open: (address: string, signal: AbortSignal) => Promise<OpenFile>;
  close: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Without a byte for so long the connection is dead. */
const SILENCE_MS = 30_000;
const DEFAULT_ORIGIN = 'https://mmg.whatsapp.net';
const WEB_ORIGIN = 'https://web.whatsapp.com';
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** web.whatsapp.net stands in messages without being a media server. */
const isWhatsApp = (host: string): boolean => host.endsWith('.whatsapp.net') && host !== 'web.whatsapp.net';

function allowed(address: string | null, isHost: (host: string) => boolean): URL | null {
  if (address === null || !URL.canParse(address)) return null;
  const url = new URL(address);
  const isPlain = url.username === '' && url.password === '';
  return url.protocol === 'https:' && isPlain && isHost(url.hostname) ? url : null;
}

/** `simulated`: the WhatsApp server is a simulation on this machine. */
export function createMediaServer({ simulated }: { simulated: boolean }): MediaServer {
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  });
  const isHost = simulated ? (host: string): boolean => LOOPBACK.has(host) : isWhatsApp;
  return {
    addressOf({ url, directPath }) {
      const named = allowed(url, isHost);
      if (named) return named.href;
      if (directPath === null || simulated || !URL.canParse(directPath, DEFAULT_ORIGIN)) return null;
      return allowed(new URL(directPath, DEFAULT_ORIGIN).href, isHost)?.href ?? null;
    },
    async open(address, signal) {
      const { statusCode, headers, body } = await request(address, {
        dispatcher: agent,
        signal,
        headers: { origin: WEB_ORIGIN, accept: '*/*' },
      });
      // Errors reach whoever reads; an answer that nobody reads must not end the process with one.
      body.on('error', () => undefined);
      const length = Number(headers['content-length']);
      return {
        status: statusCode,
        chunks: body as AsyncIterable<Uint8Array>,
        announcedBytes: Number.isFinite(length) ? length : null,
        drop: () => void body.destroy(),
      };
    },
    close: () => agent.destroy(),
  };
}
