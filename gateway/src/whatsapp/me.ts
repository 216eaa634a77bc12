/**
 * Who a session is on WhatsApp: its own number, LID and name, from the credentials. Pure.
 */
import type { AuthenticationCreds } from '@whiskeysockets/baileys';
import { lidJid, phoneJid, splitJid } from '../domain/address.js';

export interface Me {
  /** Digits of the number. */
  phone: string | null;
  /** The LID as a JID. */
  lid: string | null;
  pushName: string | null;
}

/** Nulls before a phone is paired. */
export function meOf({ me }: Pick<AuthenticationCreds, 'me'>): Me {
  const phone = me ? (splitJid(me.id)?.user ?? null) : null;
  const lidUser = me?.lid ? splitJid(me.lid)?.user : undefined;
  return { phone, lid: lidUser === undefined ? null : lidJid(lidUser), pushName: me?.name ?? null };
}

/** The JIDs by which WhatsApp names this account. */
export const ownJids = ({ phone, lid }: Me): string[] => [
  ...(phone === null ? [] : [phoneJid(phone)]),
  ...(lid === null ? [] : [lid]),
];
