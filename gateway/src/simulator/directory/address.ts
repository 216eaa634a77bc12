/**
 * Addresses on the wire. One account has two: its phone number (PN, `@s.whatsapp.net`) and its LID (`@lid`);
 * a device is a number behind a colon, 0 being the phone itself and left out.
 */
import { jidDecode, jidEncode } from '@whiskeysockets/baileys';

export type Addressing = 'pn' | 'lid';

export interface Address {
  user: string;
  device: number;
  server: string;
}

/** Reads a JID; undefined when it has no `@`. */
export function parseAddress(jid: string | undefined): Address | undefined {
  const decoded = jidDecode(jid);
  return decoded && { user: decoded.user, device: decoded.device ?? 0, server: decoded.server };
}

/** Which of its two addresses a JID uses. */
export const addressingOf = (jid: string): Addressing => (jid.endsWith('@lid') ? 'lid' : 'pn');

export const isGroup = (jid: string): boolean => jid.endsWith('@g.us');

interface Named {
  number: string;
  lid: string;
}

/** The JID of an account (or of one device of it) in the wanted addressing. */
export function jidOf(account: Named, addressing: Addressing, device = 0): string {
  return addressing === 'lid'
    ? jidEncode(account.lid, 'lid', device)
    : jidEncode(account.number, 's.whatsapp.net', device);
}
