/**
 * Whether an event starts the workflow. Pure; delivery.ts asks after the signature was checked.
 * Filters speak of received messages only, other events pass by their type.
 */
import type { EventEnvelope, IncomingMessage } from '../shared/wire';
import type { TriggerFilters, TriggerSettings } from './settings';

const digits = (text: string): string => text.replace(/@.*$/, '').replace(/\D/g, '');

function isFrom(message: IncomingMessage, senders: string[]): boolean {
  if (senders.length === 0) return true;
  const { phone, lid, jid } = message.from;
  return senders.some((sender) => {
    if (sender.includes('@') && (sender === jid || sender === lid || sender === message.chat.jid))
      return true;
    return !/@(lid|g\.us)$/.test(sender) && digits(phone ?? '') === digits(sender);
  });
}

function fitsText(text: string, filters: TriggerFilters): boolean {
  const { caseSensitive, textContains, textEquals, textMatches, textStartsWith } = filters;
  const fold = (value: string): string => (caseSensitive ? value : value.toLowerCase());
  const said = fold(text);
  if (textEquals !== '' && said.trim() !== fold(textEquals).trim()) return false;
  if (textContains !== '' && !said.includes(fold(textContains))) return false;
  if (textStartsWith !== '' && !said.trimStart().startsWith(fold(textStartsWith))) return false;
  return textMatches === '' || new RegExp(textMatches, caseSensitive ? 'u' : 'iu').test(text);
}

/** Events whose data is a whole received message; the second comes when its file is there later than the first. */
const MESSAGE_EVENTS = new Set(['message.received', 'message.media']);

export const isMessage = ({ type }: EventEnvelope): boolean => MESSAGE_EVENTS.has(type);

/** Whether this event is one that the settings ask for. */
export function startsWorkflow(event: EventEnvelope, settings: TriggerSettings): boolean {
  const { events, sessionIds, filters, senders, ownMessages } = settings;
  if (!events.includes('*') && !events.includes(event.type)) return false;
  if (sessionIds.length > 0 && !sessionIds.includes(event.sessionId)) return false;
  // A chatbot that answered what its own owner types would talk to itself.
  if (event.data.fromMe === true && !ownMessages) return false;
  if (!isMessage(event)) return true;
  const message = event.data as unknown as IncomingMessage;
  const { chatKind } = filters;
  if ((chatKind === 'direct' || chatKind === 'group') && message.chat.kind !== chatKind) return false;
  return isFrom(message, senders) && fitsText(message.text ?? message.media?.caption ?? '', filters);
}
