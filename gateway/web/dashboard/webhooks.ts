/**
 * Webhooks, their deliveries, and each attempt of a delivery.
 */
import { ask, attempt, textField } from '../shared/dialog.js';
import { fill, h } from '../shared/dom.js';
import { call, type Delivery, type Page, type Webhook } from './api.js';
import { createTable } from './table.js';
import { button, facts, pill, time, type View } from './view.js';

function attemptsOf({ attempts }: Delivery): HTMLElement {
  const rows = attempts.map(({ at, status, durationMs, response, error }) =>
    h(
      'li',
      {},
      time(at),
      `, ${status === null ? (error ?? 'no answer') : `HTTP ${String(status)}`} after ${String(durationMs)} ms`,
      response !== null && response !== '' && h('pre', {}, response),
    ),
  );
  return h('ol', { class: 'timeline' }, ...rows);
}

function deliveryView(delivery: Delivery): HTMLElement {
  const { id, eventType, seq, sessionId, state, createdAt, nextAttemptAt, attemptCount } = delivery;
  const again = (event: Event): void => {
    (event.currentTarget as HTMLButtonElement).disabled = true;
    attempt(() => call('POST', `/v1/deliveries/${id}/redeliver`));
  };
  return h(
    'details',
    {},
    h(
      'summary',
      {},
      pill(state),
      ` ${eventType} `,
      h(
        'small',
        {},
        `${sessionId} #${String(seq)}, ${attemptCount === 1 ? '1 attempt' : `${String(attemptCount)} attempts`}`,
      ),
    ),
    facts([
      ['Made', time(createdAt)],
      ['Next attempt', nextAttemptAt === null ? null : time(nextAttemptAt)],
    ]),
    attemptsOf(delivery),
    h('button', { type: 'button', class: 'button', onclick: again }, 'Deliver again'),
  );
}

function openDeliveries({ id, url }: Webhook): void {
  const list = h('div', { class: 'stack' });
  ask({ title: 'Deliveries', content: [h('p', { class: 'quiet' }, url), list] });
  attempt(async () => {
    const { data } = await call<Page<Delivery>>('GET', `/v1/webhooks/${id}/deliveries?limit=50`);
    fill(list, ...data.map(deliveryView), data.length === 0 && h('p', { class: 'quiet' }, 'None yet.'));
  });
}

function askNew(refresh: () => void): void {
  ask({
    title: 'New webhook',
    content: [
      textField('URL', { name: 'url', type: 'url', required: true, autocomplete: 'off', autofocus: true }),
      textField('Events', { name: 'events', value: '*', required: true }, 'Separated by commas; * for all.'),
    ],
    confirm: 'Create',
    onConfirm: async ({ text }) => {
      const events = text('events')
        .split(',')
        .map((part) => part.trim());
      const { secret } = await call<{ secret?: string }>('POST', '/v1/webhooks', {
        url: text('url'),
        events,
      });
      refresh();
      if (secret === undefined) return;
      ask({
        title: 'Its secret',
        content: [
          h('p', {}, 'The receiver checks signatures with it. It is shown this once.'),
          h('p', { class: 'code' }, secret),
        ],
      });
    },
  });
}

function actionsOf(webhook: Webhook, refresh: () => void): HTMLElement {
  const { id, state } = webhook;
  const run = (work: () => Promise<unknown>) => (): void => attempt(() => work().finally(refresh));
  return h(
    'div',
    { class: 'choices' },
    button('Deliveries', () => openDeliveries(webhook)),
    button(
      'Test',
      run(() => call('POST', `/v1/webhooks/${id}/test`)),
    ),
    state === 'enabled'
      ? button(
          'Disable',
          run(() => call('PATCH', `/v1/webhooks/${id}`, { enabled: false })),
        )
      : button(
          'Enable',
          run(() => call('PATCH', `/v1/webhooks/${id}`, { enabled: true })),
          'primary',
        ),
    button(
      'Delete',
      run(() => call('DELETE', `/v1/webhooks/${id}`)),
      'danger',
    ),
  );
}

/** The part. */
export function createWebhooksView(): View {
  const refresh = (): void => void update().catch(() => undefined);
  const table = createTable<Webhook>({
    label: 'Webhooks',
    names: ['URL', 'Events', 'State', ''],
    keyOf: ({ id }) => id,
    cells: (webhook) => [
      h('span', {}, webhook.url, webhook.description !== null && h('small', {}, webhook.description)),
      webhook.events.join(', '),
      h('span', {}, pill(webhook.state), webhook.stateReason !== null && h('small', {}, webhook.stateReason)),
      actionsOf(webhook, refresh),
    ],
    empty: 'No webhook yet. The Incoming Message Trigger in n8n makes its own.',
  });
  const update = async (): Promise<void> => {
    const { data } = await call<Page<Webhook>>('GET', '/v1/webhooks?limit=100');
    table.draw(data);
  };
  const head = h(
    'div',
    { class: 'head' },
    h('h2', {}, 'Webhooks'),
    button('New webhook', () => askNew(refresh), 'primary'),
  );
  return { element: h('section', {}, head, table.element), update };
}
