/**
 * Ids of our own rows (`msg_...`, sorted by time) and the ids that WhatsApp messages carry.
 */
import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';

export type IdPrefix = 'msg' | 'evt' | 'whk' | 'dlv' | 'key' | 'med' | 'cmp' | 'cmd' | 'req';

/** A new id such as `msg_0197...`: prefix and a version 7 UUID without dashes (RFC 9562), so ids sort by time. */
export const newId = (prefix: IdPrefix): string => `${prefix}_${uuidv7().replaceAll('-', '')}`;

/** A WhatsApp message id in the form that web clients use: `3EB0` and 18 hex digits. Chosen before the send. */
export const newWhatsAppId = (): string => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
