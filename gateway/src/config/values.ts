/**
 * How the text of a setting becomes a value, and `Secret`, the wrapper that keeps a value out of logs and dumps.
 * Used by config.ts only. A parser throws an Error whose message continues "NAME ...": what is wrong, then what to do.
 */
import { resolve } from 'node:path';
import { inspect } from 'node:util';

/** A value that prints as `[secret]` however it is printed; only `reveal()` gives it. */
export interface Secret<T> {
  reveal(): T;
  toString(): string;
}

/** Wraps a value so that JSON, string conversion and util.inspect do not show it. */
export function secretOf<T>(value: T): Secret<T> {
  const hidden = (): string => '[secret]';
  return Object.freeze({ reveal: () => value, toString: hidden, toJSON: hidden, [inspect.custom]: hidden });
}

const MIN_ADMIN_KEY_LENGTH = 24;
const KEY_BYTES = 32;

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const refuse = (problem: string): never => {
  throw new Error(problem);
};

export function parseHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (/^[A-Za-z0-9._:%-]+$/.test(host)) return host;
  return refuse(
    `is "${text}", which is not a host name or IP address. Give one without http:// and without a port.`,
  );
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  return refuse(`is "${text}", which is not a port. Give a number from 0 to 65535 (0: any free one).`);
}

/** A number without a fraction, in the range. */
export const parseWholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= min && value <= max) return value;
    return refuse(`is "${text}". Give a whole number from ${min} to ${max}.`);
  };

/** Absolute, because sending files needs it and messages about the folder are clearer. */
export function parsePath(text: string): string {
  return text.includes('\0') ? refuse('has a NUL character. Give the path of a folder.') : resolve(text);
}

export function parseDatabaseUrl(text: string): Secret<string> {
  if (/^file:.+/.test(text) || /^postgres(ql)?:\/\/.+/.test(text)) return secretOf(text);
  // The text is not repeated: it may hold a password.
  return refuse('is not the URL of a database. Give file:<path> or postgres://user:password@host/database.');
}

export function parseStrongKey(text: string): Secret<string> {
  if (text.length < MIN_ADMIN_KEY_LENGTH) {
    const length = `has ${text.length} characters, which is too weak`;
    return refuse(
      `${length}. Give at least ${MIN_ADMIN_KEY_LENGTH}, for example from: openssl rand -base64 32`,
    );
  }
  // It travels in a header, so it must be able to.
  if (!/^[\x21-\x7e]+$/.test(text))
    return refuse('has spaces or characters outside ASCII. Use letters and digits.');
  return secretOf(text);
}

export function parseBase64Key(text: string): Secret<Buffer> {
  const key = Buffer.from(text, 'base64');
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
  if (isBase64 && key.length === KEY_BYTES) return secretOf(key);
  return refuse(`is not ${KEY_BYTES} bytes in base64. Make one with: openssl rand -base64 ${KEY_BYTES}`);
}

export function parseHexKey(text: string): Buffer {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  return refuse(`is not a public key of ${KEY_BYTES} bytes in hex. Give 64 characters from 0-9 and a-f.`);
}

function parseUrl(text: string, schemes: string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && schemes.includes(url.protocol) && url.hostname !== '') return url;
  return refuse(
    `is "${text}", which is not a URL that begins with ${schemes.map((s) => `${s}//`).join(' or ')}.`,
  );
}

/** Without the slash at its end, so that paths can be appended. */
export function parseHttpUrl(text: string): string {
  const url = parseUrl(text, ['http:', 'https:']);
  if (url.search !== '' || url.hash !== '')
    return refuse('has a query or fragment. Give only the part before "?".');
  return url.href.replace(/\/+$/, '');
}

export const parseWebSocketUrl = (text: string): string => parseUrl(text, ['wss:', 'ws:']).href;

/** Whether the URL is encrypted and leads to WhatsApp itself. */
export function isWhatsAppsOwn(text: string): boolean {
  const url = new URL(text);
  return url.protocol === 'wss:' && /(^|\.)whatsapp\.(com|net)$/.test(url.hostname);
}

export function parseSwitch(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return refuse(`is "${text}". Give true or false.`);
}

export function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  return level ?? refuse(`is "${text}", which is not a level. Give one of ${LOG_LEVELS.join(', ')}.`);
}

const HOST_PART = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/;
const CIDR_OR_IPV6 = /^[0-9A-Fa-f:.]+(?:\/\d{1,3})?$/;

/** Comma-separated hosts, host:port and CIDRs; `none` is the empty list. */
export function parseTargets(text: string): string[] {
  if (text.trim() === 'none') return [];
  const entries = text.split(',').map((entry) => entry.trim());
  const wrong = entries.find((entry) => !HOST_PART.test(entry) && !CIDR_OR_IPV6.test(entry));
  if (wrong === undefined) return entries;
  return refuse(
    `has the entry "${wrong}". Give hosts, host:port or CIDRs separated by commas, without http://, or none.`,
  );
}

/** Edits between two words (Levenshtein): how far a misspelt name is from a real one. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
