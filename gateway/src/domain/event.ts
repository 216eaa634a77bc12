/**
 * What happens on WhatsApp and in the queue, as rows of the event log, and which webhook wants which event.
 * Pure; numbering and storage are in store/events, the wire shape is the envelope below.
 */
export const EVENT_TYPES = [
  'session.qr',
  'session.connected',
  'session.disconnected',
  'session.logged_out',
  'session.restricted',
  'message.received',
  'message.media',
  'message.queued',
  'message.sent',
  'message.delivered',
  'message.read',
  'message.failed',
  'message.reaction',
  'message.edited',
  'message.revoked',
  'poll.vote',
  'call.received',
  'group.updated',
  'recipient.opted_out',
  'webhook.test',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

export interface NewEvent {
  type: EventType;
  sessionId: string;
  data: Record<string, unknown>;
  /** A second event of the session with the same key is not stored: the database's unique index decides. */
  dedupeKey?: string;
}

export interface StoredEvent {
  id: string;
  /** Grows by one per session, without gaps. */
  seq: number;
  type: EventType;
  sessionId: string;
  /** Milliseconds since 1970. */
  at: number;
  data: Record<string, unknown>;
}

/** The event as clients see it, in webhooks and in GET /v1/events. */
export interface EventEnvelope {
  id: string;
  seq: number;
  type: EventType;
  timestamp: string;
  sessionId: string;
  data: Record<string, unknown>;
}

export const toEnvelope = (event: StoredEvent): EventEnvelope => ({
  id: event.id,
  seq: event.seq,
  type: event.type,
  timestamp: new Date(event.at).toISOString(),
  sessionId: event.sessionId,
  data: event.data,
});

export interface WebhookFilter {
  chatKind?: 'direct' | 'group' | undefined;
  /** Phone digits or JID of the sender. */
  from?: string | undefined;
  /** A regular expression, tested against the text of a message. */
  textMatches?: string | undefined;
}

export interface Subscription {
  /** Event types, or `*` for all. */
  events: string[];
  /** Empty: every session. */
  sessionIds: string[];
  filter: WebhookFilter | null;
}

const digits = (text: string): string => text.replace(/@.*$/, '').replace(/\D/g, '');

function isFrom(data: Record<string, unknown>, wanted: string): boolean {
  const from = data.from as { phone?: string | null; jid?: string | null; lid?: string | null } | undefined;
  if (!from) return false;
  if (wanted.includes('@')) return from.jid === wanted || from.lid === wanted;
  return from.phone === digits(wanted);
}

/** Tests a text against a regular expression; webhooks/textFilter has one with a time limit. */
export type TextMatcher = (pattern: string, text: string) => boolean;

const matchesText: TextMatcher = (pattern, text) => new RegExp(pattern, 'u').test(text);

function passesFilter(data: Record<string, unknown>, filter: WebhookFilter, matches: TextMatcher): boolean {
  const chat = data.chat as { kind?: string } | undefined;
  if (filter.chatKind !== undefined && chat?.kind !== filter.chatKind) return false;
  if (filter.from !== undefined && !isFrom(data, filter.from)) return false;
  if (filter.textMatches !== undefined) {
    const text = typeof data.text === 'string' ? data.text : '';
    if (!matches(filter.textMatches, text)) return false;
  }
  return true;
}

/** Both carry the whole message. */
const FILTERED: ReadonlySet<EventType> = new Set<EventType>(['message.received', 'message.media']);

/** Whether a webhook wants this event. A filter speaks of messages only; other events pass it by their type. */
export function wantsEvent(
  subscription: Subscription,
  event: Pick<StoredEvent, 'type' | 'sessionId' | 'data'>,
  matches: TextMatcher = matchesText,
): boolean {
  const { events, sessionIds, filter } = subscription;
  if (!events.includes('*') && !events.includes(event.type)) return false;
  if (sessionIds.length > 0 && !sessionIds.includes(event.sessionId)) return false;
  return filter === null || !FILTERED.has(event.type) || passesFilter(event.data, filter, matches);
}
