/**
 * Who a message goes to or comes from: phone numbers, JIDs and LIDs, parsed and written in one place.
 * Pure; knows shapes only, not whether a number exists (WhatsApp answers that, see whatsapp/recipients).
 */
import { gatewayError } from './error.js';

export type AddressKind = 'phone' | 'lid' | 'group';

export interface Address {
  kind: AddressKind;
  /** The user part: digits of the phone number, the LID, or the group id. */
  user: string;
  /** Canonical JID without a device part. */
  jid: string;
}

const PHONE_SERVER = 's.whatsapp.net';
const MIN_PHONE_DIGITS = 7;
const MAX_PHONE_DIGITS = 15; // E.164

export const phoneJid = (phone: string): string => `${phone}@${PHONE_SERVER}`;
export const isGroupJid = (jid: string): boolean => jid.endsWith('@g.us');
export const lidJid = (lid: string): string => `${lid}@lid`;

function invalidRecipient(why: string): Error {
  return gatewayError('recipient_invalid', `The recipient is not valid: ${why}.`);
}

function phoneAddress(digits: string): Address {
  if (digits.startsWith('0')) {
    throw invalidRecipient('a number begins with its country code, not with 0');
  }
  if (digits.length < MIN_PHONE_DIGITS || digits.length > MAX_PHONE_DIGITS) {
    throw invalidRecipient(
      `a phone number has ${MIN_PHONE_DIGITS} to ${MAX_PHONE_DIGITS} digits, this has ${digits.length}`,
    );
  }
  return { kind: 'phone', user: digits, jid: phoneJid(digits) };
}

function jidAddress(user: string, server: string): Address {
  if (server === PHONE_SERVER || server === 'c.us') {
    if (!/^\d+$/.test(user)) throw invalidRecipient('the part before @ must be digits');
    return phoneAddress(user);
  }
  if (server === 'lid') {
    if (!/^\d{3,20}$/.test(user)) throw invalidRecipient('the part before @lid must be digits');
    return { kind: 'lid', user, jid: lidJid(user) };
  }
  if (server === 'g.us') {
    if (!/^\d{5,25}(-\d{5,15})?$/.test(user)) throw invalidRecipient('that is not the id of a group');
    return { kind: 'group', user, jid: `${user}@g.us` };
  }
  throw invalidRecipient('the part after @ must be s.whatsapp.net, c.us, lid or g.us');
}

/**
 * Parses what a user writes into `to`: digits with or without `+` or `00`, spaces, dots, brackets and dashes, or a JID.
 * @throws GatewayError recipient_invalid
 */
export function parseRecipient(input: string): Address {
  const text = input.trim();
  if (text === '') throw invalidRecipient('it is empty');
  const at = text.indexOf('@');
  if (at >= 0) return jidAddress(text.slice(0, at), text.slice(at + 1).toLowerCase());
  if (!/^[\s(]*\+?[\d\s().\-/]+$/.test(text))
    throw invalidRecipient('a phone number has only digits, spaces and + - . ( )');
  const digits = text.replace(/\D/g, '');
  // 00 is how + is dialled in most countries, and no country code begins with 0.
  return phoneAddress(text.includes('+') ? digits : digits.replace(/^00(?=[1-9])/, ''));
}

/** An address as the API writes it: a person's number as digits, everybody else's JID. */
export const plainAddress = ({ kind, user, jid }: Address): string => (kind === 'phone' ? user : jid);

/** The parts of a WhatsApp JID as it stands in a stanza: `user:device@server`. Null when it has no user part. */
export function splitJid(jid: string): { user: string; device: number; server: string } | null {
  const match = /^([^@:]+?)(?:_\d+)?(?::(\d+))?@(.+)$/.exec(jid);
  if (!match?.[1] || !match[3]) return null;
  return { user: match[1], device: Number(match[2] ?? 0), server: match[3] };
}

/** The same JID without its device part: `123:4@lid` becomes `123@lid`. */
export function bareJid(jid: string): string {
  const parts = splitJid(jid);
  return parts ? `${parts.user}@${parts.server}` : jid;
}

export interface Identity {
  /** Digits without +, when known. */
  phone: string | null;
  /** The LID's JID, when known. */
  lid: string | null;
}

/** Collects phone and LID from any JIDs that name the same person. */
export function identityOf(...jids: (string | null | undefined)[]): Identity {
  const identity: Identity = { phone: null, lid: null };
  for (const jid of jids) {
    const parts = jid ? splitJid(jid) : null;
    if (parts?.server === PHONE_SERVER || parts?.server === 'c.us') identity.phone ??= parts.user;
    if (parts?.server === 'lid') identity.lid ??= lidJid(parts.user);
  }
  return identity;
}

/** The JID that a person's chat is keyed by: the phone's when known, so that one chat is never split in two. */
export function canonicalJid(identity: Identity): string | null {
  return identity.phone === null ? identity.lid : phoneJid(identity.phone);
}
