/**
 * An open chat on a phone: who it is with, its messages, and the place to write.
 */
import { attempt } from '../shared/dialog.js';
import { createList, createOnChange, fill, h, icon } from '../shared/dom.js';
import { ICONS } from '../shared/icons.js';
import type { OpenChat, ShownMessage } from './api.js';
import { send } from './actions.js';
import { createComposer } from './composer.js';
import { startCall } from './calling.js';
import { dayOf, phoneNumber } from './format.js';
import { openGroup } from './groupDialog.js';
import type { Member } from './mentions.js';
import { messageView } from './message.js';
import { openMessageMenu } from './messageMenu.js';
import type { People } from './people.js';
import { avatar } from './pieces.js';

/** A typing sign that nobody renews is old after this long. */
const TYPING_LIFE_MS = 15_000;
/** Nearer than this to the end, the conversation follows new messages. */
const NEAR_END_PIXELS = 80;

type Line = { day: string } | { message: ShownMessage };

/** Messages with a line between days. */
function linesOf(messages: ShownMessage[]): Line[] {
  let day = '';
  return messages.flatMap((message) => {
    const own = dayOf(message.at);
    const isNew = own !== day;
    day = own;
    return isNew ? [{ day }, { message }] : [{ message }];
  });
}

const keyOf = (line: Line): string =>
  'day' in line ? `day ${line.day}` : `${line.message.from} ${line.message.waId}`;

function subtitleOf(chat: OpenChat): string {
  const { typing, kind, members } = chat;
  if (typing && Date.now() - Date.parse(typing.at) < TYPING_LIFE_MS) {
    const what = typing.kind === 'recording' ? 'recording …' : 'typing …';
    return kind === 'group' ? `${typing.name} is ${what}` : what;
  }
  return kind === 'group' ? members.map(({ name }) => name).join(', ') : phoneNumber(chat.id);
}

const roundButton = (label: string, path: string, onclick: () => void): HTMLElement =>
  h('button', { type: 'button', class: 'round', 'aria-label': label, onclick }, icon(path));

interface HeadActions {
  onBack: () => void;
  onMembers: (chat: OpenChat) => void;
  onCall: () => void;
}

function headOf(
  chat: OpenChat,
  { onBack, onMembers, onCall }: HeadActions,
): { element: HTMLElement; update: (chat: OpenChat) => void } {
  let latest = chat;
  const subtitle = h('span', { class: 'subtitle' });
  const name = h('h2', {});
  const draw = createOnChange<{ title: string; text: string }>(({ title, text }) => {
    fill(name, title);
    fill(subtitle, text);
    subtitle.classList.toggle('live', text.endsWith('…'));
  });
  const isGroup = chat.kind === 'group';
  const element = h(
    'div',
    { class: 'bar chat-bar' },
    roundButton('Back to the chats', ICONS.back, onBack),
    avatar(chat.title, chat.id, isGroup),
    h('div', { class: 'about' }, name, subtitle),
    isGroup
      ? roundButton('Members', ICONS.group, () => onMembers(latest))
      : roundButton('Call', ICONS.call, onCall),
  );
  return {
    element,
    update(next) {
      latest = next;
      draw({ title: next.title, text: subtitleOf(next) });
    },
  };
}

export interface Conversation {
  element: HTMLElement;
  update: (chat: OpenChat) => void;
}

/** Keeps a conversation at its end while somebody reads there, also when pictures get their height later. */
function createFollowing(scroller: HTMLElement, list: HTMLElement) {
  let isFollowing = true;
  let lastTop = 0;
  const toEnd = (): void => {
    if (isFollowing) scroller.scrollTop = scroller.scrollHeight;
  };
  scroller.addEventListener('scroll', () => {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PIXELS;
    // Only who scrolls up wants to stay there; a conversation that grows does not move by itself.
    isFollowing = isAtEnd || (isFollowing && scrollTop >= lastTop);
    lastTop = scrollTop;
  });
  new ResizeObserver(toEnd).observe(list);
  let lastId: string | undefined;
  return {
    /** Whoever writes wants to see it, wherever they were reading. */
    note(newest: ShownMessage | undefined): void {
      if (newest?.isMine && newest.waId !== lastId) isFollowing = true;
      lastId = newest?.waId;
      requestAnimationFrame(toEnd);
    },
  };
}

export interface ConversationDeps {
  /** Whose phone it is on. */
  number: string;
  people: People;
  onBack: () => void;
}

/** The conversation of one phone with one chat. */
export function createConversation(
  chat: OpenChat,
  { number, people, onBack }: ConversationDeps,
): Conversation {
  const place = { number, chat: chat.id };
  let members: Member[] = [];
  const composer = createComposer(place, { title: chat.title, members: () => members });
  const head = headOf(chat, {
    onBack,
    onMembers: (latest) => openGroup(place, latest, people),
    onCall: () => attempt(() => startCall(place, chat.title)),
  });
  const scene = {
    number,
    isGroup: chat.kind === 'group',
    onMenu: (message: ShownMessage) => openMessageMenu({ place, onReply: composer.reply }, message),
    onVote: ({ waId }: ShownMessage, options: string[]) =>
      attempt(() => send(place, { kind: 'vote', waId, options })),
  };
  const label = `Messages with ${chat.title}`;
  const list = h('ol', { class: 'messages', role: 'log', 'aria-label': label, tabindex: '0' });
  const hidden = h('p', { class: 'hint older', hidden: true });
  const scroller = h('div', { class: 'scroller' }, hidden, list);
  const following = createFollowing(scroller, list);
  const update = createList<Line>(list, keyOf, (line) =>
    'day' in line ? h('li', { class: 'day' }, h('span', {}, line.day)) : messageView(scene, line.message),
  );
  const ondragover = (event: DragEvent): void => event.preventDefault();
  const ondrop = (event: DragEvent): void => {
    event.preventDefault();
    composer.offer(event.dataTransfer?.files);
  };
  const element = h(
    'section',
    { class: 'conversation', 'aria-label': `Chat with ${chat.title}`, ondragover, ondrop },
    head.element,
    scroller,
    composer.element,
  );
  return {
    element,
    update(next) {
      head.update(next);
      members = next.members.filter((member) => member.number !== number);
      hidden.hidden = next.hidden === 0;
      fill(hidden, `${String(next.hidden)} older messages are not shown`);
      update(linesOf(next.messages));
      following.note(next.messages.at(-1));
    },
  };
}
