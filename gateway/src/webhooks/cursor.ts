/**
 * Places in the event log as opaque text, for `cursor` and `nextCursor`. Pure.
 * Within one session a place is a number, which leaves no gap; across sessions a time and an id.
 */
import { gatewayError, type GatewayError } from '../domain/error.js';

export type LogPlace = { seq: number } | { at: number; id: string };

export const toCursor = (place: LogPlace): string =>
  Buffer.from('seq' in place ? `s:${String(place.seq)}` : `t:${String(place.at)}:${place.id}`).toString(
    'base64url',
  );

const invalid = (): GatewayError =>
  gatewayError(
    'invalid_request',
    'The cursor does not belong to this query; use nextCursor of its page before.',
    {
      errors: [{ path: 'cursor', message: 'does not belong to this query' }],
    },
  );

/** @throws GatewayError invalid_request */
function fromCursor(cursor: string): LogPlace {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, kind, number, id] =
    /^(s):(\d{1,15})$/.exec(text) ?? /^(t):(\d{1,15}):(evt_[0-9a-f]+)$/.exec(text) ?? [];
  if (kind === 's') return { seq: Number(number) };
  if (kind === 't' && id !== undefined) return { at: Number(number), id };
  throw invalid();
}

/** A cursor of one session. @throws GatewayError invalid_request */
export function seqOf(cursor: string): number {
  const place = fromCursor(cursor);
  if ('seq' in place) return place.seq;
  throw invalid();
}

/** A cursor across sessions. @throws GatewayError invalid_request */
export function timeOf(cursor: string): { at: number; id: string } {
  const place = fromCursor(cursor);
  if ('seq' in place) throw invalid();
  return place;
}
