/**
 * What the conversion of an inbox entry has to look up first: the people it names, and the poll it votes in. Pure.
 */
import { identityOf, type Identity } from '../../domain/address.js';
import type { InboxEntry } from '../../store/inbox.js';
import { decodePlaintext } from '../fromWhatsApp.js';
import { decodeParts, type StanzaPart } from '../stanzas.js';
import { surroundingsOf } from './context.js';
import { peopleOf } from './people.js';
import { unwrap } from './wrappers.js';

export interface Needs {
  people: Identity[];
  /** Message id of the poll that is voted in. */
  pollId: string | null;
}

const JID_ATTRIBUTES = ['jid', 'phone_number', 'lid'] as const;
const CALL_ATTRIBUTES = ['call-creator', 'from', 'caller_pn', 'caller_lid'] as const;

const peopleIn = (part: StanzaPart): Identity[] => [
  identityOf(...JID_ATTRIBUTES.map((name) => part.attrs[name])),
  identityOf(...CALL_ATTRIBUTES.map((name) => part.attrs[name])),
  ...part.parts.flatMap(peopleIn),
];

function needsOfMessage(plaintext: Buffer): Needs {
  const message = decodePlaintext(plaintext);
  if (!message) return { people: [], pollId: null };
  const { inner } = unwrap(message);
  const { quoted, mentions } = surroundingsOf(inner);
  const named = [quoted?.participant, ...mentions];
  const { pollUpdateMessage } = inner;
  return {
    people: named.map((jid) => identityOf(jid)),
    pollId: pollUpdateMessage?.pollCreationMessageKey?.id ?? null,
  };
}

export function needsOf(entry: InboxEntry): Needs {
  const { people, pollId } =
    entry.kind === 'message'
      ? needsOfMessage(entry.plaintext)
      : { people: decodeParts(entry.plaintext).flatMap(peopleIn), pollId: null };
  return { people: [...peopleOf(entry.stanza), ...people], pollId };
}
