/**
 * The chats of a phone, newest first.
 */
import { createList, h, icon } from '../shared/dom.js';
import { ICONS } from '../shared/icons.js';
import type { ShownChat } from './api.js';
import { oneLine, timeOf } from './format.js';
import { avatar, ticks } from './pieces.js';

export interface ChatList {
  element: HTMLElement;
  update: (chats: ShownChat[]) => void;
}

function rowOf(
  { id, kind, title, last, unread, typing }: ShownChat,
  onOpen: (id: string) => void,
): HTMLElement {
  const isLive = typing !== null && Date.now() - Date.parse(typing.at) < 15_000;
  const line = last
    ? `${kind === 'group' && !last.isMine ? `${last.authorName}: ` : ''}${oneLine(last)}`
    : 'No messages yet';
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', class: 'chat', onclick: () => onOpen(id) },
      avatar(title, id, kind === 'group'),
      h('span', { class: 'chat-title' }, title),
      h('span', { class: 'chat-time' }, last && timeOf(last.at)),
      h(
        'span',
        { class: `chat-line${isLive ? ' live' : ''}` },
        last?.tick && !isLive ? ticks(last.tick) : null,
        isLive ? 'typing …' : line,
      ),
      unread > 0 &&
        h('span', { class: 'unread' }, String(unread), h('span', { class: 'visually-hidden' }, ' unread')),
    ),
  );
}

/** The list, with buttons for a new chat and a new group. */
export function createChatList(actions: {
  onOpen: (id: string) => void;
  onNewChat: () => void;
  onNewGroup: () => void;
}): ChatList {
  const list = h('ul', { class: 'chats' });
  const empty = h('p', { class: 'empty' }, 'No chats yet. Write to somebody.');
  const update = createList<ShownChat>(
    list,
    ({ id }) => id,
    (chat) => rowOf(chat, actions.onOpen),
  );
  const element = h(
    'section',
    { class: 'chat-list', 'aria-label': 'Chats' },
    h('div', { class: 'scroller' }, empty, list),
    h(
      'div',
      { class: 'new' },
      h(
        'button',
        { type: 'button', class: 'button', onclick: actions.onNewGroup },
        icon(ICONS.group),
        'New group',
      ),
      h(
        'button',
        { type: 'button', class: 'button primary', onclick: actions.onNewChat },
        icon(ICONS.plus),
        'New chat',
      ),
    ),
  );
  return {
    element,
    update(chats) {
      empty.hidden = chats.length > 0;
      update(chats);
    },
  };
}
