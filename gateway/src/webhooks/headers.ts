/**
 * Checks the headers that a webhook's owner wants on every delivery. Pure.
 */
import { gatewayError, type FieldError } from '../domain/error.js';

const MOST_HEADERS = 20;
const LONGEST_VALUE = 4_096;

/** RFC 9110, 5.6.2: what a header's name may be made of. */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** RFC 9110, 5.5, without anything that could start another header. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What the gateway or the connection decides; a wrong one would break the delivery or let another request through. */
const RESERVED = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
]);

function problemOf(name: string, value: string): string | null {
  if (!NAME.test(name)) return 'is not a header name';
  if (RESERVED.has(name)) return 'is set by the gateway and cannot be changed';
  if (name.startsWith('webhook-')) return 'belongs to the signature and cannot be changed';
  if (name.startsWith('proxy-')) return 'is for proxies and cannot be set';
  if (value.length > LONGEST_VALUE) return `is longer than ${LONGEST_VALUE} characters`;
  return VALUE.test(value) ? null : 'holds a line break or another character that a header cannot have';
}

/** The headers with their names in lower case. @throws GatewayError invalid_request that lists every problem */
export function checkHeaders(headers: Record<string, string>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const errors: FieldError[] = [];
  for (const [name, value] of entries) {
    const message = problemOf(name, value);
    if (message !== null) errors.push({ path: `headers.${name}`, message });
  }
  if (entries.length > MOST_HEADERS)
    errors.push({ path: 'headers', message: `has more than ${MOST_HEADERS} headers` });
  const first = errors[0];
  if (first) throw gatewayError('invalid_request', `The header ${first.path} ${first.message}.`, { errors });
  return Object.fromEntries(entries);
}
