/**
 * Contacts as vCards, the only form in which WhatsApp takes them. Pure; used by http/content.
 */

export interface Card {
  name: string;
  vcard: string;
}

const escape = (value: string): string => value.replace(/[\\,;]/g, '\\$&').replace(/\r?\n/g, ' ');

const unescape = (value: string): string => value.replace(/\\([\\,;])/g, '$1');

/** `waid` lets the recipient write to the number with one tap. */
const phoneLine = (phone: string): string => {
  const digits = phone.replace(/\D/g, '');
  return `TEL;type=CELL;type=VOICE;waid=${digits}:+${digits}`;
};

export function contactOf({ name, phones }: { name: string; phones: string[] }): Card {
  const lines = ['BEGIN:VCARD', 'VERSION:3.0', `FN:${escape(name)}`, ...phones.map(phoneLine), 'END:VCARD'];
  return { name, vcard: lines.join('\n') };
}

/** The name that a vCard gives: its FN, or what can be said without. */
export function contactOfVcard(vcard: string): Card {
  const name = /^FN[^:\n]*:(.+)$/im.exec(vcard)?.[1]?.trim();
  return { name: name ? unescape(name) : 'Contact', vcard };
}
