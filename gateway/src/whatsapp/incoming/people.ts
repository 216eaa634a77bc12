/**
 * Who is who in an incoming stanza: phone and LID of each person as far as they are known, from the stanza itself or from
 * mappings learned before. Pure; used by the conversions beside it.
 */
import { bareJid, canonicalJid, identityOf, splitJid, type Identity } from '../../domain/address.js';
import type { StanzaAttributes } from '../../store/inbox.js';

/** The session's own account: digits of its number, its LID as a JID. */
export interface Account {
  phone: string | null;
  lid: string | null;
}

export interface Person extends Identity {
  /** The phone's JID when it is known, else the LID's. */
  jid: string | null;
}

export interface Chat {
  jid: string;
  kind: 'direct' | 'group';
  name: string | null;
}

/** Adds what is known of the other address; the same when nothing is. */
export type Completion = (identity: Identity) => Identity;

export type JidText = string | null | undefined;

/** The person whom all of the JIDs name. */
export function personOf(complete: Completion, ...jids: JidText[]): Person {
  const identity = complete(identityOf(...jids));
  return { ...identity, jid: canonicalJid(identity) };
}

/** A JID out of a message as the rest of the event names that person, or the JID itself when it names none. */
export const canonical = (complete: Completion, jid: string): string =>
  personOf(complete, jid).jid ?? bareJid(jid);

export const isOwn = ({ phone, lid }: Identity, account: Account): boolean =>
  (phone !== null && phone === account.phone) || (lid !== null && lid === account.lid);

export interface Scene {
  chat: Chat;
  sender: Person;
  fromMe: boolean;
}

/** Where a message was written and by whom; null when that is no chat with a person or a group. */
export function sceneOf(stanza: StanzaAttributes, account: Account, complete: Completion): Scene | null {
  const from = stanza.from ?? '';
  const server = splitJid(from)?.server;
  if (server === 'g.us') {
    const sender = personOf(complete, stanza.participant, stanza.participant_pn, stanza.participant_lid);
    return {
      chat: { jid: bareJid(from), kind: 'group', name: null },
      sender,
      fromMe: isOwn(sender, account),
    };
  }
  if (server !== 's.whatsapp.net' && server !== 'lid') return null;
  const sender = personOf(complete, from, stanza.sender_pn, stanza.sender_lid);
  const fromMe = isOwn(sender, account);
  // Typed on another device of this account: the stanza says whom it was for.
  const other =
    fromMe && stanza.recipient !== undefined
      ? personOf(
          complete,
          stanza.recipient,
          stanza.recipient_pn ?? stanza.peer_recipient_pn,
          stanza.recipient_lid ?? stanza.peer_recipient_lid,
        )
      : sender;
  const jid = other.jid ?? (stanza.recipient === undefined ? null : bareJid(stanza.recipient));
  return jid === null ? null : { chat: { jid, kind: 'direct', name: null }, sender, fromMe };
}

const PAIRS = [
  ['from', 'sender_pn', 'sender_lid'],
  ['participant', 'participant_pn', 'participant_lid'],
  ['recipient', 'recipient_pn', 'recipient_lid'],
] as const;

/** The people of a stanza, each with all the addresses that it gives of them. */
export const peopleOf = (stanza: StanzaAttributes): Identity[] =>
  PAIRS.map((names) => identityOf(...names.map((name) => stanza[name])));
