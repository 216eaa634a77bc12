/**
 * Inbox entries as WhatsApp's servers bring them, for tests of their conversion.
 */
import { proto } from '@whiskeysockets/baileys';
import type { NewEvent } from '../../../gateway/src/domain/event.js';
import type { InboxEntry, StanzaAttributes } from '../../../gateway/src/store/inbox.js';
import type { Knowledge } from '../../../gateway/src/whatsapp/incoming/message.js';
import { fromWhatsApp } from '../../../gateway/src/whatsapp/fromWhatsApp.js';

const ME = { phone: '4915550001001', lid: '99@lid' };

/** Nothing is known beside what the entry says. */
const NOTHING_KNOWN: Knowledge = {
  account: ME,
  ownMessages: false,
  complete: (identity) => identity,
  pollOf: () => null,
};

export const BOB = '4915112345678';
export const STANZA: StanzaAttributes = {
  id: 'A1',
  from: `${BOB}@s.whatsapp.net`,
  t: '1767225600',
  notify: 'Bob',
};

/** As it comes out of decryption: encoded, with WhatsApp's padding. */
function entryOf(message: proto.IMessage | Buffer, stanza: StanzaAttributes = {}): InboxEntry {
  const bytes = Buffer.isBuffer(message)
    ? message
    : Buffer.concat([Buffer.from(proto.Message.encode(message).finish()), Buffer.from([3, 3, 3])]);
  return {
    position: 1,
    sessionId: 's1',
    kind: 'message',
    stanza: { ...STANZA, ...stanza },
    plaintext: bytes,
    receivedAt: 1_767_225_601_000,
  };
}

/** The event that the entry becomes. @throws Error when it becomes none */
export function eventOf(
  message: proto.IMessage | Buffer,
  stanza?: StanzaAttributes,
  known: Partial<Knowledge> = {},
): NewEvent {
  const converted = fromWhatsApp(entryOf(message, stanza), { ...NOTHING_KNOWN, ...known });
  if ('ignored' in converted) throw new Error(`ignored: ${converted.ignored}`);
  const [event] = converted.events;
  if (!event || converted.events.length > 1) throw new Error('not one event');
  return event;
}

/** Why the entry becomes no event; null: it does. */
export const ignored = (message: proto.IMessage, stanza?: StanzaAttributes): string | null => {
  const converted = fromWhatsApp(entryOf(message, stanza), NOTHING_KNOWN);
  return 'ignored' in converted ? converted.ignored : null;
};

export const TEXT: proto.IMessage = { conversation: 'Hello' };
