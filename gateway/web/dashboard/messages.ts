/**
 * The newest messages with what became of each; a message that waits says why and until when.
 */
import { ask, attempt } from '../shared/dialog.js';
import { h } from '../shared/dom.js';
import { call, type Message, type Page } from './api.js';
import { createTable } from './table.js';
import { button, facts, holdText, pill, time, type View } from './view.js';

const STATUSES = [
  '',
  'scheduled',
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'failed',
  'canceled',
  'expired',
];

function openMessage(message: Message, refresh: () => void): void {
  const act = (verb: string) => (): void => {
    close();
    attempt(() => call('POST', `/v1/messages/${message.id}/${verb}`).finally(refresh));
  };
  const { hold, error, timeline, status } = message;
  const close = ask({
    title: `Message to ${message.to}`,
    content: [
      facts([
        ['Id', message.id],
        ['On WhatsApp', message.waId],
        ['Session', message.sessionId],
        ['Type', message.type],
        ['Reference', message.reference],
        ['Attempts', String(message.attempts)],
        ['Held', hold && holdText(hold)],
        [
          'Expected',
          status === 'queued' && message.estimatedSendAt !== null ? time(message.estimatedSendAt) : null,
        ],
        ['Error', error && `${error.message} (${error.code})`],
        ['Test', message.test ? 'Sent with a test key: nothing was handed to WhatsApp' : null],
      ]),
      h('h3', {}, 'Timeline'),
      h(
        'ol',
        { class: 'timeline' },
        ...timeline.map((step) => h('li', {}, pill(step.status), ' ', time(step.at))),
      ),
      h(
        'div',
        { class: 'choices' },
        /^(scheduled|queued)$/.test(status) && button('Cancel sending', act('cancel'), 'danger'),
        status === 'failed' && button('Try again', act('retry')),
      ),
    ],
  });
}

/** The part. */
export function createMessagesView(): View {
  const refresh = (): void => void update().catch(() => undefined);
  const table = createTable<Message>({
    label: 'Messages',
    names: ['To', 'Type', 'Status', 'Queued', 'Session', ''],
    keyOf: ({ id }) => id,
    cells: (message) => [
      message.to,
      message.type,
      h(
        'span',
        {},
        pill(message.status),
        message.hold && h('small', {}, message.hold.message),
        message.error && h('small', {}, message.error.message),
      ),
      time(message.queuedAt),
      message.sessionId,
      button('Details', () => openMessage(message, refresh)),
    ],
    empty: 'No messages.',
  });
  const status = h(
    'select',
    { onchange: refresh },
    ...STATUSES.map((value) => h('option', { value }, value === '' ? 'all' : value)),
  );
  const update = async (): Promise<void> => {
    const filter = status.value === '' ? '' : `&status=${status.value}`;
    const { data } = await call<Page<Message>>('GET', `/v1/messages?limit=50${filter}`);
    table.draw(data);
  };
  const head = h(
    'div',
    { class: 'head' },
    h('h2', {}, 'Messages'),
    h('label', { class: 'inline' }, 'Status ', status),
  );
  return { element: h('section', {}, head, table.element), update };
}
