/**
 * What happens, as it happens: the newest events first.
 */
import { ask } from '../shared/dialog.js';
import { h } from '../shared/dom.js';
import type { GatewayEvent } from './api.js';
import { createTable } from './table.js';
import { button, time, type View } from './view.js';

const KEPT = 200;

/** The part, and where new events are put in. */
export function createEventsView(): View & { add: (event: GatewayEvent) => void } {
  let events: GatewayEvent[] = [];
  const table = createTable<GatewayEvent>({
    label: 'Events',
    names: ['Time', 'Type', 'Session', 'No.', ''],
    keyOf: ({ id }) => id,
    cells: (event) => [
      time(event.timestamp),
      event.type,
      event.sessionId,
      String(event.seq),
      button('Show', () =>
        ask({ title: event.type, content: [h('pre', { tabindex: '0' }, JSON.stringify(event, null, 2))] }),
      ),
    ],
    empty: 'Waiting for events. They appear here as they happen.',
  });
  const head = h('div', { class: 'head' }, h('h2', {}, 'Events, live'));
  return {
    element: h('section', {}, head, table.element),
    update: () => {
      table.draw(events);
      return Promise.resolve();
    },
    add(event) {
      events = [event, ...events].slice(0, KEPT);
      table.draw(events);
    },
  };
}
