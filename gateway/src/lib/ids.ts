/**
 * Ids of our own rows (`msg_...`, sorted by time) and the ids that WhatsApp messages carry.
 */
import { V7Generator } from 'uuidv7';
import { takeRandom } from './randomPool.js';

export type IdPrefix = 'msg' | 'evt' | 'whk' | 'dlv' | 'key' | 'med' | 'cmp' | 'cmd' | 'req';

const WORD_BYTES = 4;
const uuids = new V7Generator({ nextUint32: () => takeRandom(WORD_BYTES).readUInt32LE() });

/** A new id such as `msg_0197...`: prefix and a version 7 UUID without dashes (RFC 9562), so ids sort by time. */
export const newId = (prefix: IdPrefix): string => `${prefix}_${uuids.generate().toHex()}`;

const TIME_IN_ID = /^[a-z]+_([0-9a-f]{12})7[0-9a-f]{19}$/;

/** When an id of `newId` was made, milliseconds since 1970; null: it is none. */
export function timeOfId(id: string): number | null {
  const hex = TIME_IN_ID.exec(id)?.[1];
  return hex === undefined ? null : Number.parseInt(hex, 16);
}

/** A WhatsApp message id in the form that web clients use: `3EB0` and 18 hex digits. Chosen before the send. */
export const newWhatsAppId = (): string => `3EB0${takeRandom(9).toString('hex').toUpperCase()}`;
