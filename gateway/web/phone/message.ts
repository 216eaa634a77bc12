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
  /** The options that the owner of the phone chooses now. */
  onVote: (message: ShownMessage, options: string[]) => void;
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

/** What is chosen after a click: a second click takes the option back, and one that stands alone takes the others' place. */
function chosenAfter({ votes, content }: ShownMessage, option: string): string[] {
  const chosen = votes.flatMap((vote) => (vote.names.includes('You') ? [vote.option] : []));
  if (chosen.includes(option)) return chosen.filter((each) => each !== option);
  return content.poll?.selectable === 1 ? [option] : [...chosen, option];
}

/** Everybody in the chat may vote, whoever made the poll. */
function pollView(scene: MessageScene, message: ShownMessage): HTMLElement | null {
  const { poll } = message.content;
  if (!poll) return null;
  const options = message.votes.map(({ option, names }) => {
    const isChosen = String(names.includes('You'));
    const onclick = (): void => scene.onVote(message, chosenAfter(message, option));
    return h(
      'li',
      {},
      h(
        'button',
        { type: 'button', class: 'button', 'aria-pressed': isChosen, onclick },
        h('span', {}, option),
        names.length > 0 &&
          h('b', {}, String(names.length), h('span', { class: 'visually-hidden' }, ' voted')),
      ),
      names.length > 0 && h('small', {}, names.join(', ')),
    );
  });
  const hint = poll.selectable === 1 ? 'Choose one' : 'Choose one or more';
  return h('div', {}, h('p', { class: 'hint' }, hint), h('ul', { class: 'poll' }, ...options));
}

/** Only what is an address on the web becomes a link. */
function previewView({ content: { preview } }: ShownMessage): HTMLElement | null {
  if (!preview || !/^https?:/i.test(preview.url)) return null;
  return h(
    'a',
    { href: preview.url, target: '_blank', rel: 'noreferrer', class: 'document preview-link' },
    h(
      'span',
      {},
      h('b', {}, preview.title),
      preview.description !== null && h('small', {}, preview.description),
      h('small', {}, preview.url),
    ),
  );
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
    previewView(message),
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
