/**
 * Sessions: how each is, why, and what to do about it.
 */
import { ask, attempt, textField } from '../shared/dialog.js';
import { createList, h } from '../shared/dom.js';
import { call, type Page, type Session } from './api.js';
import { openQr } from './qr.js';
import { button, facts, holdText, pill, time, type View } from './view.js';

/** Asks before something that cannot be taken back. */
function confirmThen(title: string, text: string, work: () => Promise<unknown>): void {
  ask({
    title,
    content: [h('p', {}, text)],
    confirm: title,
    onConfirm: async () => {
      await work();
    },
  });
}

function showLimits(id: string): void {
  attempt(async () => {
    const limits = await call<object>('GET', `/v1/sessions/${id}/limits`);
    ask({
      title: `Limits of ${id}`,
      content: [h('pre', { tabindex: '0' }, JSON.stringify(limits, null, 2))],
    });
  });
}

function actionsOf({ id, status, queue }: Session, refresh: () => void): HTMLElement {
  const act = (verb: string, body?: object) => (): void =>
    attempt(() => call('POST', `/v1/sessions/${id}/${verb}`, body).finally(refresh));
  const isLive = /^(connecting|qr|pairing|connected|disconnected)$/.test(status);
  return h(
    'div',
    { class: 'choices' },
    /^(connecting|qr|pairing)$/.test(status) && button('Show QR code', () => openQr(id, refresh), 'primary'),
    isLive ? button('Stop', act('stop')) : button('Start', act('start'), 'primary'),
    button('Restart', act('restart', {})),
    queue.paused ? button('Resume sending', act('resume')) : button('Pause sending', act('pause')),
    button('Limits', () => showLimits(id)),
    status === 'connected' &&
      button(
        'Log out',
        () =>
          confirmThen('Log out', `${id} is unlinked from its phone and needs a new QR code.`, () =>
            call('POST', `/v1/sessions/${id}/logout`).finally(refresh),
          ),
        'danger',
      ),
    button(
      'Delete',
      () =>
        confirmThen('Delete', `${id} and everything kept for it is removed.`, () =>
          call('DELETE', `/v1/sessions/${id}`).finally(refresh),
        ),
      'danger',
    ),
  );
}

function queueText({ queue }: Session): string {
  const waiting = queue.size === 1 ? '1 message waits' : `${String(queue.size)} messages wait`;
  return `${waiting}${queue.paused ? ', paused' : ''}`;
}

function cardOf(session: Session, refresh: () => void): HTMLElement {
  const { id, name, status, reason, since, phone, pushName, queue, messagesToday } = session;
  return h(
    'li',
    { class: 'card', 'data-session': id },
    h('header', {}, h('h2', {}, name ?? id), pill(status)),
    reason && h('p', { class: 'reason' }, `${reason.message} ${reason.action}`),
    facts([
      ['Id', id],
      ['Phone', phone === null ? null : `+${phone}${pushName === null ? '' : ` (${pushName})`}`],
      ['Since', time(since)],
      ['Queue', queueText(session)],
      ['Held', queue.hold && holdText(queue.hold)],
      ['Next send', queue.nextSendAt === null || queue.size === 0 ? null : time(queue.nextSendAt)],
      ['Sent today', String(messagesToday)],
    ]),
    actionsOf(session, refresh),
  );
}

function askNew(refresh: () => void): void {
  ask({
    title: 'New session',
    content: [
      textField(
        'Id',
        { name: 'id', pattern: '[A-Za-z0-9_\\-]{1,64}', autocomplete: 'off', autofocus: true },
        'Letters, digits, - and _. Made up when empty.',
      ),
      textField('Name', { name: 'name', maxlength: '100', autocomplete: 'off' }),
    ],
    confirm: 'Create',
    onConfirm: async ({ text }) => {
      const [id, name] = [text('id'), text('name')];
      const made = await call<Session>('POST', '/v1/sessions', {
        ...(id !== '' && { id }),
        ...(name !== '' && { name }),
      });
      openQr(made.id, refresh);
    },
  });
}

/** The part. */
export function createSessionsView(): View {
  const list = h('ul', { class: 'cards' });
  const empty = h(
    'p',
    { class: 'quiet', hidden: true },
    'No session yet. Create one and scan its code with your phone.',
  );
  const refresh = (): void => void update().catch(() => undefined);
  const draw = createList<Session>(
    list,
    ({ id }) => id,
    (session) => cardOf(session, refresh),
  );
  const update = async (): Promise<void> => {
    const { data } = await call<Page<Session>>('GET', '/v1/sessions?limit=100');
    empty.hidden = data.length > 0;
    draw(data);
  };
  const head = h(
    'div',
    { class: 'head' },
    h('h2', {}, 'Sessions'),
    button('New session', () => askNew(refresh), 'primary'),
  );
  return { element: h('section', {}, head, empty, list), update };
}
