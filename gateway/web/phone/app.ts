/**
 * The phone page: puts up to two simulated phones on a desk and keeps them as they are in the simulator, by waiting for
 * changes through the control API. Loaded by index.html.
 */
import { createList, fill, h, icon } from '../shared/dom.js';
import { ICONS } from '../shared/icons.js';
import { awaitDesk, type Desk, type Screen, type TaggedDesk } from './api.js';
import { askNewPerson, choosePerson } from './people.js';
import { avatar } from './pieces.js';
import { createPhone, type Phone } from './phone.js';
import { firstSlots, readSlots, SLOT_COUNT, toHash, type Slot } from './state.js';

const RETRY_MS = 1000;
/** A typing sign grows old without anything happening at the simulator. */
const REDRAW_MS = 5000;

const deskElement = document.querySelector('#desk') as HTMLElement;
const statusElement = document.querySelector('#connection') as HTMLElement;

let slots: Slot[] = readSlots(location.hash);
let phones: Phone[] = [];
/** Which of the phones a small screen shows. */
let active = 0;
let latest: TaggedDesk | undefined;
let waiting = new AbortController();

/** Ends the running wait, so that the next one asks for what is shown now. */
const lookAgain = (): void => waiting.abort();

function setSlots(next: Slot[]): void {
  slots = next;
  active = Math.min(active, Math.max(0, slots.length - 1));
  history.pushState(null, '', toHash(slots));
  lookAgain();
}

const people = {
  find: (search: string): Promise<Desk> =>
    awaitDesk({ open: [], tag: '', search }, new AbortController().signal),
};

const change = (place: number, slot: Slot): void => {
  const next = [...slots];
  next[place] = slot;
  setSlots(next);
};

function phoneAt(place: number, { number }: Slot): Phone {
  const known = phones[place];
  if (known?.number === number) return known;
  return createPhone(number, {
    people,
    onOpen: (chat) => change(place, { number, chat }),
    onSwitch: (other) => {
      active = place;
      change(place, { number: other, chat: null });
    },
  });
}

function addPhoneButton(): HTMLElement {
  const add = (): void =>
    choosePerson(people, {
      title: 'Whose phone?',
      except: slots.map(({ number }) => number),
      onChoose: (number) => setSlots([...slots, { number, chat: null }]),
      canMake: ['contact', 'phone'],
    });
  return h('button', { type: 'button', class: 'button', onclick: add }, icon(ICONS.plus), 'Another phone');
}

/** On a small screen one phone is shown at a time; these tabs choose which. */
const tabsElement = h('nav', { class: 'tabs', 'aria-label': 'Phones' });
const drawTabs = createList<{
  place: number;
  name: string;
  number: string;
  unread: number;
  isActive: boolean;
}>(
  tabsElement,
  ({ place }) => String(place),
  ({ place, name, number, unread, isActive }) =>
    h(
      'button',
      {
        type: 'button',
        class: 'tab',
        'aria-pressed': String(isActive),
        onclick: () => {
          active = place;
          redraw();
          tabsElement.querySelectorAll('button')[place]?.focus();
        },
      },
      avatar(name, number),
      h('span', { class: 'name' }, name),
      unread > 0 &&
        h('span', { class: 'unread' }, String(unread), h('span', { class: 'visually-hidden' }, ' unread')),
    ),
);

const unreadIn = ({ chats }: Screen): number => chats.reduce((sum, { unread }) => sum + unread, 0);

function nobodyYet(): HTMLElement {
  const make = (): void => askNewPerson('phone', (number) => setSlots([{ number, chat: null }]));
  return h(
    'section',
    { class: 'loading stack' },
    h('h1', {}, 'Nobody is here yet'),
    h('p', {}, 'Make a phone first. It can scan the QR code of a Sluice session, as your own phone would.'),
    h('div', {}, h('button', { type: 'button', class: 'button primary', onclick: make }, 'New phone')),
  );
}

let isBuilt = false;

/** Puts the phones on the desk, when others are wanted than are there. */
function place(next: Phone[]): void {
  const isSame = isBuilt && next.length === phones.length && next.every((phone, at) => phone === phones[at]);
  phones = next;
  if (isSame) return;
  isBuilt = true;
  const elements = phones.map(({ element }) => element);
  if (elements.length === 0) fill(deskElement, nobodyYet());
  else fill(deskElement, tabsElement, ...elements, elements.length < SLOT_COUNT && addPhoneButton());
}

function draw(desk: TaggedDesk): void {
  latest = desk;
  const screens = desk.screens.filter((screen) => screen !== null);
  place(slots.map((slot, at) => phoneAt(at, slot)));
  phones.forEach((phone, at) => phone.element.classList.toggle('active', at === active));
  drawTabs(
    screens.map((screen, at) => ({
      ...{ place: at, name: screen.name, number: screen.number },
      ...{ unread: unreadIn(screen), isActive: at === active },
    })),
  );
  screens.forEach((screen, at) => phones[at]?.update(screen, desk));
}

const redraw = (): void => {
  if (latest) draw(latest);
};

/** At first nobody has said whose phones to show. */
async function chooseFirst(): Promise<void> {
  const { people: known } = await people.find('');
  slots = firstSlots(known);
  history.replaceState(null, '', toHash(slots));
}

/** Somebody who was removed, or never was, is no longer asked for. */
function forgetMissing(desk: Desk): void {
  if (!desk.screens.includes(null)) return;
  slots = slots.filter((_slot, at) => desk.screens[at] !== null);
  history.replaceState(null, '', toHash(slots));
}

async function follow(): Promise<never> {
  for (;;) {
    waiting = new AbortController();
    const asked = toHash(slots);
    try {
      if (slots.length === 0) await chooseFirst();
      const tag = latest && asked === drawnFor ? latest.tag : '';
      const desk = await awaitDesk({ open: slots, tag, search: '' }, waiting.signal);
      fill(statusElement);
      drawnFor = asked;
      forgetMissing(desk);
      draw(desk);
    } catch {
      if (waiting.signal.aborted) continue;
      // The next answer is wanted at once, to know that it is back.
      drawnFor = '';
      fill(statusElement, 'The simulator does not answer. Trying again …');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** The phones for which `latest` was asked. */
let drawnFor = '';

window.addEventListener('popstate', () => {
  slots = readSlots(location.hash);
  lookAgain();
});
document.addEventListener('visibilitychange', redraw);
setInterval(redraw, REDRAW_MS);
void follow();
