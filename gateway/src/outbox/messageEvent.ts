/**
 * A message's change of status as an event, and as the next entry of its timeline. Pure.
 */
import type { EventType, NewEvent } from '../domain/event.js';
import type { Message, MessageStatus, TimelineEntry } from '../domain/message.js';

const EVENT_OF: Partial<Record<MessageStatus, EventType>> = {
  scheduled: 'message.queued',
  queued: 'message.queued',
  sent: 'message.sent',
  delivered: 'message.delivered',
  read: 'message.read',
  played: 'message.read',
  failed: 'message.failed',
  expired: 'message.failed',
};

/** The event for a message that has just reached `status`; null where the contract has none. */
export function messageEvent(message: Message, status: MessageStatus): NewEvent | null {
  const type = EVENT_OF[status];
  if (!type) return null;
  return {
    type,
    sessionId: message.sessionId,
    data: {
      messageId: message.id,
      waId: message.waId,
      to: message.to,
      type: message.content.type,
      status,
      reference: message.reference,
      campaignId: message.campaignId,
      error: message.error,
      test: message.test,
    },
  };
}

/** Those that the message has not reached since it was last put into the queue: a retry may fail once more. */
export function freshStatuses(timeline: TimelineEntry[], statuses: MessageStatus[]): MessageStatus[] {
  const begin = timeline.findLastIndex(({ status }) => status === 'queued' || status === 'scheduled');
  const life = timeline.slice(Math.max(0, begin));
  return statuses.filter((status) => !life.some((entry) => entry.status === status));
}

/** The timeline with the statuses added that are fresh. */
export const extendTimeline = (
  timeline: TimelineEntry[],
  statuses: MessageStatus[],
  at: number,
): TimelineEntry[] => [...timeline, ...freshStatuses(timeline, statuses).map((status) => ({ status, at }))];
