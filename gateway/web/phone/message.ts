/**
 * One message of a conversation as a bubble. Drawn by conversation.ts; what its menu offers is in messageMenu.ts.
 */
import { h, icon } from '../shared/dom.js';
import { ICONS } from '../shared/icons.js';
import { fileUrl, type ShownMessage } from './api.js';
import { hueOf, oneLine, richText, sizeOf, timeOf } from './format.js';
import { ticks } from './pieces.js';

export interface MessageScene {
  /** The phone that shows it. */
  number: string;
  isGroup: boolean;
  onMenu: (message: ShownMessage) => void;
  onVote: (message: ShownMessage, option: string) => void;
}

function fileView(number: string, { waId, content }: ShownMessage): HTMLElement | null {
  const { file } = content;
  if (!file) return null;
  const url = fileUrl(number, waId);
  const alt = content.text ?? file.fileName ?? 'Picture';
  switch (file.kind) {
    case 'image':
    case 'sticker':
      return h(
        'a',
        { href: url, target: '_blank', rel: 'noreferrer', class: `picture ${file.kind}` },
        h('img', { src: url, alt, loading: 'lazy' }),
      );
    case 'video':
      return h('video', { src: url, controls: true, preload: 'metadata', 'aria-label': alt });
    case 'audio':
    case 'voice':
      return h('audio', { src: url, controls: true, preload: 'metadata', 'aria-label': 'Audio message' });
    case 'document':
      return h(
        'a',
        { href: url, download: file.fileName ?? 'document', class: 'document' },
        icon(ICONS.file),
        h(
          'span',
          {},
          file.fileName ?? 'Document',
          h('small', {}, `${file.mimetype}, ${sizeOf(file.sizeBytes)}`),
        ),
      );
  }
}

function placeView({ content: { location } }: ShownMessage): HTMLElement | null {
  if (!location) return null;
  const position = `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`;
  return h(
    'div',
    { class: 'document' },
    icon(ICONS.place),
    h('span', {}, location.name ?? 'Location', h('small', {}, location.address ?? position)),
  );
}

const contactsView = ({ content: { contacts } }: ShownMessage): HTMLElement | null =>
  contacts.length === 0
    ? null
    : h(
        'div',
        { class: 'document' },
        icon(ICONS.person),
        h('span', {}, contacts.join(', '), h('small', {}, 'Contact')),
      );

function pollView(scene: MessageScene, message: ShownMessage): HTMLElement | null {
  if (!message.content.poll) return null;
  const canVote = !message.isMine && !scene.isGroup;
  const options = message.votes.map(({ option, names }) => {
    const words = [
      h('span', {}, option),
      names.length > 0 && h('b', { title: names.join(', ') }, String(names.length)),
    ];
    const isChosen = String(names.includes('You'));
    const vote = (): void => scene.onVote(message, option);
    return canVote
      ? h(
          'li',
          {},
          h('button', { type: 'button', class: 'button', 'aria-pressed': isChosen, onclick: vote }, ...words),
        )
      : h('li', {}, h('span', {}, ...words));
  });
  return h('ul', { class: 'poll' }, ...options);
}

function body(scene: MessageScene, message: ShownMessage): (Node | null)[] {
  if (message.isRevoked) return [h('p', { class: 'gone' }, oneLine(message))];
  const { content } = message;
  const { quote } = content;
  const hasWords = content.text !== null || content.kind === 'other';
  return [
    content.isForwarded ? h('p', { class: 'hint' }, 'Forwarded') : null,
    content.isViewOnce ? h('p', { class: 'hint' }, 'View once') : null,
    quote
      ? h(
          'blockquote',
          {},
          h('b', {}, message.quotedName ?? 'Earlier message'),
          h('span', {}, quote.text ?? 'Message'),
        )
      : null,
    fileView(scene.number, message),
    placeView(message),
    contactsView(message),
    hasWords ? h('p', { class: 'words' }, ...richText(content.text ?? oneLine(message))) : null,
    pollView(scene, message),
  ];
}

function reactionsView({ reactions }: ShownMessage): HTMLElement | null {
  if (reactions.length === 0) return null;
  const who = reactions.map(({ emoji, name }) => `${name} ${emoji}`).join(', ');
  const shown = [...new Set(reactions.map(({ emoji }) => emoji))].join('');
  return h(
    'span',
    { class: 'reactions', title: who, role: 'img', 'aria-label': `Reactions: ${who}` },
    shown,
    reactions.length > 1 ? String(reactions.length) : null,
  );
}

/** The bubble. */
export function messageView(scene: MessageScene, message: ShownMessage): HTMLElement {
  const { isMine, fromDevice, at, tick } = message;
  const isByDevice = isMine && fromDevice !== 0;
  const author = h('b', { class: 'author' }, message.authorName);
  author.style.setProperty('--hue', String(hueOf(message.from)));
  const meta = h(
    'span',
    { class: 'meta' },
    isByDevice &&
      h(
        'span',
        { class: 'device', title: 'Sent by a linked device' },
        icon(ICONS.bolt, 'Sent by a linked device'),
      ),
    message.isEdited && !message.isRevoked && 'edited',
    h('time', { datetime: at, title: new Date(at).toLocaleString() }, timeOf(at)),
    tick && ticks(tick),
  );
  const menu = h(
    'button',
    {
      type: 'button',
      class: 'round menu',
      'aria-label': 'Reply, react and more',
      onclick: () => scene.onMenu(message),
    },
    icon(ICONS.more),
  );
  return h(
    'li',
    { class: `message ${isMine ? 'mine' : 'theirs'}`, 'data-wa-id': message.waId },
    h(
      'div',
      { class: `bubble${message.reactions.length > 0 ? ' reacted' : ''}` },
      h('span', { class: 'visually-hidden' }, `${message.authorName}:`),
      scene.isGroup && !isMine && author,
      ...body(scene, message),
      meta,
      reactionsView(message),
    ),
    message.isRevoked ? null : menu,
  );
}
