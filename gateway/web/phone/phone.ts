/**
 * One simulated phone: whose it is, its chats or an open conversation, devices that wait to be linked.
 */
import { attempt } from '../shared/dialog.js';
import { createOnChange, fill, h, icon } from '../shared/dom.js';
import { ICONS } from '../shared/icons.js';
import { readChat } from './actions.js';
import type { Desk, Screen } from './api.js';
import { createChatList } from './chatList.js';
import { createConversation, type Conversation } from './conversation.js';
import { phoneNumber } from './format.js';
import { createLinkBanner } from './linking.js';
import { askNewGroup, choosePerson, type People } from './people.js';
import { avatar } from './pieces.js';
import { openSettings } from './settings.js';

export interface PhoneActions {
  people: People;
  /** Opens a chat, or the list of chats. */
  onOpen: (chat: string | null) => void;
  /** Puts somebody else's phone here. */
  onSwitch: (number: string) => void;
}

export interface Phone {
  element: HTMLElement;
  number: string;
  update: (screen: Screen, desk: Desk) => void;
}

/** Marks a chat as read while somebody can see it, once for each new count. */
function createReading(number: string, element: HTMLElement) {
  const reading = {
    isOn: true,
    set: (isOn: boolean): void => {
      reading.isOn = isOn;
    },
  };
  let isBusy = false;
  return {
    reading,
    look({ open, chats }: Screen): void {
      const unread = chats.find(({ id }) => id === open?.id)?.unread ?? 0;
      const isSeen = document.visibilityState === 'visible' && element.offsetParent !== null;
      if (!open || unread === 0 || !isSeen || !reading.isOn || isBusy) return;
      isBusy = true;
      // The next look tries again; the count says whether there is something left.
      readChat({ number, chat: open.id })
        .catch(() => undefined)
        .finally(() => (isBusy = false));
    },
  };
}

/** What is worth knowing beside the number. */
function stateOf(kind: Screen['kind'], isOnline: boolean, linked: Screen['linked']): string {
  if (!isOnline) return ' · no network';
  if (kind === 'contact' && linked.length === 0) return '';
  if (linked.length === 0) return ' · not linked';
  return linked.some(({ isConnected }) => isConnected) ? ' · linked' : ' · linked, not connected';
}

function headOf(actions: PhoneActions, onSettings: () => void) {
  const who = h('span', { class: 'about' });
  const face = h('span', { class: 'face' });
  const button = h(
    'button',
    {
      type: 'button',
      class: 'owner',
      title: 'Look at another phone',
      onclick: () =>
        choosePerson(actions.people, {
          title: 'Whose phone?',
          except: [],
          onChoose: actions.onSwitch,
          canMake: ['contact', 'phone'],
        }),
    },
    face,
    who,
    h('span', { class: 'visually-hidden' }, '. Look at another phone'),
  );
  const settings = h(
    'button',
    { type: 'button', class: 'round', 'aria-label': 'Settings of this phone', onclick: onSettings },
    icon(ICONS.more),
  );
  const update = createOnChange<Pick<Screen, 'name' | 'number' | 'kind' | 'isOnline' | 'linked'>>(
    (screen) => {
      const { name, number, kind, isOnline, linked } = screen;
      const state = stateOf(kind, isOnline, linked);
      fill(face, avatar(name, number));
      fill(who, h('b', {}, name), h('small', {}, `${phoneNumber(number)}${state}`));
    },
  );
  return { element: h('header', { class: 'bar phone-bar' }, button, settings), update };
}

/** A phone for the number, not filled yet. */
export function createPhone(number: string, actions: PhoneActions): Phone {
  let latest: Screen | undefined;
  let conversation: (Conversation & { chat: string }) | undefined;
  const head = headOf(actions, () => latest && openSettings(latest, watch.reading));
  const banner = createLinkBanner(number);
  const body = h('div', { class: 'body' });
  const chats = createChatList({
    onOpen: actions.onOpen,
    onNewChat: () =>
      choosePerson(actions.people, {
        title: 'Write to',
        except: [number],
        onChoose: actions.onOpen,
        canMake: ['contact'],
      }),
    onNewGroup: () => attempt(() => askNewGroup(actions.people, number, actions.onOpen)),
  });
  const element = h('article', { class: 'phone', 'data-number': number }, head.element, banner.element, body);
  const watch = createReading(number, element);
  const back = (): void => actions.onOpen(null);

  const show = ({ open }: Screen): void => {
    if (!open) {
      conversation = undefined;
      if (body.firstChild !== chats.element) fill(body, chats.element);
      return;
    }
    if (conversation?.chat !== open.id) {
      conversation = {
        ...createConversation(open, { number, people: actions.people, onBack: back }),
        chat: open.id,
      };
      fill(body, conversation.element);
    }
    conversation.update(open);
  };

  return {
    element,
    number,
    update(screen, desk) {
      latest = screen;
      element.setAttribute('aria-label', `Phone of ${screen.name}`);
      head.update(screen);
      banner.update(screen.kind === 'phone' ? desk.codes : []);
      chats.update(screen.chats);
      show(screen);
      watch.look(screen);
    },
  };
}
