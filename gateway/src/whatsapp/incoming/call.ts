/**
 * Calls as events: one for each call, when it rings, or that it was missed when nobody was connected. Pure.
 */
import { splitJid } from '../../domain/address.js';
import type { NewEvent } from '../../domain/event.js';
import type { StanzaPart } from '../stanzas.js';
import { personOf, type Completion, type Person } from './people.js';

/** What all events of a stanza carry. */
export interface CallStanza {
  sessionId: string;
  from: string;
  notify: string | null;
  offline: boolean;
  sentAt: string;
}

const RINGING = ['offer', 'offer_notice'];
const ENDED = ['terminate'];

function callerOf(stanza: CallStanza, part: StanzaPart, complete: Completion): Person {
  const { attrs } = part;
  const creator = attrs['call-creator'] ?? attrs.from;
  // In a group the stanza comes from the group.
  const isGroup = splitJid(stanza.from)?.server === 'g.us';
  return personOf(complete, isGroup ? creator : stanza.from, creator, attrs.caller_pn, attrs.caller_lid);
}

interface Call {
  caller: Person;
  event: NewEvent;
}

/** The event of a call's stanza; null when it is one of the steps between ringing and the end. */
export function callEvent(stanza: CallStanza, part: StanzaPart, complete: Completion): Call | null {
  const { tag, attrs } = part;
  const isRinging = RINGING.includes(tag);
  if (!isRinging && !ENDED.includes(tag)) return null;
  const callId = attrs['call-id'] ?? '';
  const caller = callerOf(stanza, part, complete);
  const groupJid = attrs['group-jid'] ?? null;
  const video = part.parts.some((child) => child.tag === 'video') || attrs.media === 'video';
  const event: NewEvent = {
    type: 'call.received',
    sessionId: stanza.sessionId,
    // The end of a call that has rung is the same call.
    dedupeKey: `call:${callId}`,
    data: {
      callId,
      from: { ...caller, name: stanza.notify },
      chat: { jid: groupJid ?? caller.jid, kind: groupJid === null ? 'direct' : 'group', name: null },
      // The end of a call does not say what it was.
      video: isRinging ? video : null,
      status: isRinging ? 'ringing' : 'missed',
      offline: stanza.offline,
      sentAt: stanza.sentAt,
    },
  };
  return { caller, event };
}
