/**
 * The gateway's dashboard: asks for an API key and shows what the public API tells, renewed whenever an event says that
 * something has changed. Loaded by index.html.
 */
import { ask, textField } from '../shared/dialog.js';
import { fill, h } from '../shared/dom.js';
import { call, followEvents, forgetKey, keepKey, keptKey, type Whoami } from './api.js';
import { createEventsView } from './events.js';
import { createMessagesView } from './messages.js';
import { createSessionsView } from './sessions.js';
import { button, type View } from './view.js';
import { createWebhooksView } from './webhooks.js';

/** Without events (a key may not read them) things are looked at again after this long. */
const REFRESH_MS = 5000;
const RETRY_MS = 2000;

const place = (id: string): HTMLElement => document.querySelector(`#${id}`) as HTMLElement;

const events = createEventsView();
const VIEWS: Record<string, { name: string; view: View }> = {
  sessions: { name: 'Sessions', view: createSessionsView() },
  messages: { name: 'Messages', view: createMessagesView() },
  webhooks: { name: 'Webhooks', view: createWebhooksView() },
  events: { name: 'Events', view: events },
};

const current = (): string => (location.hash.slice(1) in VIEWS ? location.hash.slice(1) : 'sessions');

const notice = (text: string): void => fill(place('notice'), text);

let running: Promise<void> | undefined;

/** Reads the part that is shown again; one reading at a time. */
function refresh(): void {
  if (running || keptKey() === '') return;
  const view = VIEWS[current()]?.view;
  running = (view?.update() ?? Promise.resolve())
    .then(() => notice(''))
    .catch((error: unknown) => {
      if ((error as { status?: number }).status === 401) signOut();
      else notice(error instanceof Error ? error.message : String(error));
    })
    .finally(() => (running = undefined));
}

function drawTabs(): void {
  const links = Object.entries(VIEWS).map(([id, { name }]) =>
    h('a', { href: `#${id}`, 'aria-current': id === current() ? 'page' : null }, name),
  );
  fill(place('tabs'), ...links, h('a', { href: '/docs' }, 'API'));
}

function show(): void {
  drawTabs();
  fill(place('view'), VIEWS[current()]?.view.element);
  refresh();
}

function signOut(): void {
  forgetKey();
  location.reload();
}

function askKey(): void {
  const close = ask({
    title: 'Sign in',
    content: [
      textField(
        'API key',
        { name: 'key', type: 'password', required: true, autocomplete: 'off', autofocus: true },
        'It begins with slk_. It stays in this tab and is forgotten when you close it.',
      ),
    ],
    confirm: 'Open',
    onConfirm: async ({ text }) => {
      keepKey(text('key'));
      try {
        await begin();
      } catch (error) {
        forgetKey();
        throw error;
      }
      close();
    },
  });
  fill(
    place('view'),
    h(
      'section',
      { class: 'locked' },
      h('p', {}, 'A key is needed to look in.'),
      button('Give a key', askKey, 'primary'),
    ),
  );
}

/** Shows the gateway to the owner of the key that is kept. @throws Error when it is not accepted */
async function begin(): Promise<void> {
  const { name, role, mode } = await call<Whoami>('GET', '/v1/whoami');
  const as = `${name} (${role}${mode === 'test' ? ', test' : ''})`;
  fill(place('who'), h('span', { class: 'quiet' }, as), button('Forget the key', signOut));
  show();
  void follow();
}

/** Every event is a reason to look again. */
async function follow(): Promise<never> {
  for (;;) {
    try {
      await followEvents((event) => {
        events.add(event);
        refresh();
      }, new AbortController().signal);
    } catch {
      // Without the stream the timer below looks.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

window.addEventListener('hashchange', () => {
  if (keptKey() !== '') show();
});
setInterval(() => {
  if (document.visibilityState === 'visible') refresh();
}, REFRESH_MS);

drawTabs();
if (keptKey() === '') askKey();
else
  begin().catch(() => {
    forgetKey();
    askKey();
  });
