/**
 * The gateway's event in what the trigger gives out: what starts twice for one event is told by it.
 * Used by the trigger and by the keys of the nodes that send.
 */
import type { IDataObject } from 'n8n-workflow';

const EVENT_ID = /^evt_[\w-]{1,64}$/;

/** `eventId` of a simplified item, else its `id`; undefined when the item came from elsewhere. */
export function eventIdOf(json: IDataObject | undefined): string | undefined {
  const { eventId, id } = json ?? {};
  const event = eventId ?? id;
  return typeof event === 'string' && EVENT_ID.test(event) ? event : undefined;
}
