/**
 * What WhatsApp delivered, as events of ours, or a reason why it is none. Pure: inbox entry and what is known in, events out.
 * People are named by phone and LID, chats by the phone's JID when it is known, so one chat is never split in two.
 */
import { proto } from '@whiskeysockets/baileys';
import type { NewEvent } from '../domain/event.js';
import type { InboxEntry } from '../store/inbox.js';
import { callEvent } from './incoming/call.js';
import { groupChange } from './incoming/group.js';
import { envelopeOf, messageConverted, sentAt, type Converted, type Knowledge } from './incoming/message.js';
import { isOwn, sceneOf } from './incoming/people.js';
import { unknownField } from './incoming/unknownFields.js';
import { decodeParts } from './stanzas.js';

/** Removes WhatsApp's padding: 1 to 16 bytes, each holding their count. */
function unpad(plaintext: Buffer): Buffer {
  const count = plaintext.at(-1) ?? 0;
  if (count === 0 || count > plaintext.length) throw new Error('bad padding');
  return plaintext.subarray(0, plaintext.length - count);
}

/** The message in a kept plaintext; null when it is none. */
export function decodePlaintext(plaintext: Buffer): proto.Message | null {
  try {
    return proto.Message.decode(unpad(plaintext));
  } catch {
    return null;
  }
}

const UNDECODABLE = {
  typeName: 'undecodable',
  code: 'undecodable',
  message: 'The message was decrypted, but is none that WhatsApp documents.',
};

function fromMessage(entry: InboxEntry, knowledge: Knowledge): Converted {
  const message = decodePlaintext(entry.plaintext);
  if (!message) return messageConverted(entry, { missing: UNDECODABLE }, knowledge);
  const result = messageConverted(entry, { message }, knowledge);
  if (!('ignored' in result)) return result;
  // What this version's protobufs do not know is left out by the decoder: a message, and yet empty.
  const field = Object.keys(message).length === 0 ? unknownField(unpad(entry.plaintext)) : null;
  if (field === null) return result;
  const text = 'The message is of a kind that this version does not know.';
  const missing = { typeName: `field ${String(field)}`, code: 'unknown_kind', message: text };
  return messageConverted(entry, { missing }, knowledge);
}

function fromCall(entry: InboxEntry, { account, complete }: Knowledge): Converted {
  const { stanza, sessionId } = entry;
  const facts = {
    sessionId,
    from: stanza.from ?? '',
    notify: stanza.notify ?? null,
    offline: stanza.offline !== undefined,
    sentAt: sentAt(entry),
  };
  const calls = decodeParts(entry.plaintext).flatMap((part) => callEvent(facts, part, complete) ?? []);
  if (calls.length === 0) return { ignored: 'a step of a call' };
  const events = calls.filter(({ caller }) => !isOwn(caller, account)).map(({ event }) => event);
  return events.length === 0 ? { ignored: 'called by this account itself' } : { events };
}

function fromGroup(entry: InboxEntry, { account, complete }: Knowledge): Converted {
  const scene = sceneOf(entry.stanza, account, complete);
  if (!scene) return { ignored: 'not a group' };
  const { messageId, ...envelope } = envelopeOf(entry, scene);
  const events = decodeParts(entry.plaintext).map((part, index): NewEvent => {
    const { name, ...change } = groupChange(part, scene.sender, complete);
    return {
      type: 'group.updated',
      sessionId: entry.sessionId,
      dedupeKey: `group:${scene.chat.jid}:${messageId}:${String(index)}`,
      data: { ...envelope, chat: { ...scene.chat, name }, ...change },
    };
  });
  return events.length === 0 ? { ignored: 'a change of a group without content' } : { events };
}

const UNAVAILABLE = {
  code: 'not_for_linked_devices',
  message: 'WhatsApp shows this message on the phone only, such as one that may be viewed once.',
};

/** Converts one inbox entry of a session. */
export function fromWhatsApp(entry: InboxEntry, knowledge: Knowledge): Converted {
  if (entry.kind === 'call') return fromCall(entry, knowledge);
  if (entry.kind === 'group') return fromGroup(entry, knowledge);
  if (entry.kind === 'message') return fromMessage(entry, knowledge);
  const typeName = decodeParts(entry.plaintext).find(({ tag }) => tag === 'unavailable')?.attrs.type;
  const missing = { typeName: typeName ?? 'unavailable', ...UNAVAILABLE };
  return messageConverted(entry, { missing }, knowledge);
}
