/**
 * What can be done with a message: react, answer, edit, delete, see how far it has come.
 */
import { ask, attempt, textField } from '../shared/dialog.js';
import { h } from '../shared/dom.js';
import type { ShownMessage } from './api.js';
import { send } from './actions.js';
import { oneLine, phoneNumber } from './format.js';

const EMOJI = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

interface MenuScene {
  place: { number: string; chat: string };
  /** Begins an answer in the composer. */
  onReply: (message: ShownMessage) => void;
}

function emojiRow({ place }: MenuScene, message: ShownMessage, close: () => void): HTMLElement {
  const own = message.reactions.find(({ isMine }) => isMine)?.emoji;
  const buttons = EMOJI.map((emoji) =>
    h(
      'button',
      {
        type: 'button',
        class: 'round emoji',
        'aria-pressed': String(emoji === own),
        'aria-label': emoji === own ? `Take ${emoji} back` : `React with ${emoji}`,
        onclick: () => {
          close();
          const { waId, from: author } = message;
          attempt(() => send(place, { kind: 'reaction', waId, author, emoji: emoji === own ? '' : emoji }));
        },
      },
      emoji,
    ),
  );
  return h('div', { class: 'emoji-row', role: 'group', 'aria-label': 'React' }, ...buttons);
}

function edit({ place }: MenuScene, { waId, content }: ShownMessage): void {
  ask({
    title: 'Edit message',
    content: [
      textField('Text', { name: 'text', value: content.text ?? '', required: true, autocomplete: 'off' }),
    ],
    confirm: 'Save',
    onConfirm: async ({ text }) => {
      await send(place, { kind: 'edit', waId, text: text('text') });
    },
  });
}

function facts(message: ShownMessage): HTMLElement {
  const rows: [string, string][] = [
    ['From', message.isMine ? 'You' : `${message.authorName}, ${phoneNumber(message.from)}`],
    ['Sent by', message.fromDevice === 0 ? 'the phone' : `linked device ${message.fromDevice}`],
    ['Time', new Date(message.at).toLocaleString()],
    ['Message id', message.waId],
    ...(message.tick === null ? [] : [['Status', message.tick] as [string, string]]),
    ...message.ticks.map(({ name, tick }): [string, string] => [name, tick]),
  ];
  return h(
    'dl',
    { class: 'facts' },
    ...rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );
}

/** Opens the menu of a message. */
export function openMessageMenu(scene: MenuScene, message: ShownMessage): void {
  const then = (work: () => void) => () => {
    close();
    work();
  };
  const own = message.isMine && message.fromDevice === 0;
  const button = (label: string, work: () => void, tone = ''): HTMLElement =>
    h('button', { type: 'button', class: `button ${tone}`, onclick: then(work) }, label);
  const { waId } = message;
  const close: () => void = ask({
    title: 'Message',
    content: [
      h('p', { class: 'excerpt' }, oneLine(message)),
      emojiRow(scene, message, () => close()),
      h(
        'div',
        { class: 'choices' },
        button('Reply', () => scene.onReply(message)),
        own && message.content.kind === 'text' && button('Edit', () => edit(scene, message)),
        own &&
          button(
            'Delete for everyone',
            () => attempt(() => send(scene.place, { kind: 'revoke', waId })),
            'danger',
          ),
      ),
      facts(message),
    ],
  });
}
