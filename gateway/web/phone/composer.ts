/**
 * Where the owner of a phone writes: text, answers, files that are pasted or dropped. Made by conversation.ts.
 */
import { attempt } from '../shared/dialog.js';
import { fill, h, icon } from '../shared/dom.js';
import { ICONS } from '../shared/icons.js';
import { send, type Content, type Place } from './actions.js';
import type { ShownMessage } from './api.js';
import { offerAttachment, offerFile } from './attachments.js';
import { oneLine } from './format.js';
import { withMentions, type Member } from './mentions.js';
import { createTyping } from './typing.js';

type Typing = ReturnType<typeof createTyping>;

const MAX_HEIGHT_PIXELS = 140;

export interface Composer {
  element: HTMLElement;
  /** Begins an answer to a message. */
  reply: (message: ShownMessage) => void;
  /** Files dropped on the conversation. */
  offer: (files: FileList | undefined) => void;
}

/** The chat that is written in. */
interface Setting {
  title: string;
  /** Who can be mentioned. */
  members: () => Member[];
}

interface Draft {
  field: HTMLTextAreaElement;
  answering: ShownMessage | undefined;
}

function contentOf({ field, answering }: Draft, members: Member[]): Content {
  const { text, mentions } = withMentions(field.value.trim(), members);
  const content = { kind: 'text', text, ...(mentions.length > 0 && { mentions }) };
  if (!answering) return content;
  const { waId, from: author } = answering;
  return { ...content, quote: { waId, author, text: oneLine(answering) } };
}

/** The line above the field that shows which message is answered. */
function createAnswering(draft: Draft) {
  const element = h('div', { class: 'answering', hidden: true });
  const set = (message: ShownMessage | undefined): void => {
    draft.answering = message;
    element.hidden = !message;
    const cancel = h(
      'button',
      { type: 'button', class: 'round', 'aria-label': 'Do not answer it', onclick: () => set(undefined) },
      icon(ICONS.close),
    );
    if (message) fill(element, h('span', {}, h('b', {}, message.authorName), oneLine(message)), cancel);
  };
  return { element, set };
}

/** The field grows with its text up to a limit. */
function fit(field: HTMLTextAreaElement): void {
  field.style.height = 'auto';
  field.style.height = `${String(Math.min(field.scrollHeight, MAX_HEIGHT_PIXELS))}px`;
}

function listen(
  field: HTMLTextAreaElement,
  place: Place,
  { typing, submit }: { typing: Typing; submit: () => void },
): void {
  field.addEventListener('input', () => {
    fit(field);
    if (field.value.trim() === '') typing.stop();
    else typing.note();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  field.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    offerFile(place, file);
  });
  field.addEventListener('blur', () => typing.stop());
}

/** The composer of one chat on one phone. */
export function createComposer(place: Place, { title, members }: Setting): Composer {
  const typing = createTyping(place);
  const field = h('textarea', {
    rows: '1',
    maxlength: '65000',
    placeholder: 'Message',
    'aria-label': `Message to ${title}`,
    enterkeyhint: 'send',
  });
  const draft: Draft = { field, answering: undefined };
  const answering = createAnswering(draft);
  const submit = (): void => {
    if (field.value.trim() === '') return;
    const content = contentOf(draft, members());
    field.value = '';
    answering.set(undefined);
    fit(field);
    field.focus();
    attempt(() => send(place, content).finally(typing.stop));
  };
  listen(field, place, { typing, submit });
  const attach = (): void => offerAttachment(place);
  const onsubmit = (event: Event): void => {
    event.preventDefault();
    submit();
  };
  const element = h(
    'form',
    { class: 'composer', onsubmit },
    answering.element,
    h(
      'button',
      {
        type: 'button',
        class: 'round',
        'aria-label': 'Attach a picture, a file, a location, a contact or a poll',
        onclick: attach,
      },
      icon(ICONS.attach),
    ),
    field,
    h('button', { type: 'submit', class: 'round send', 'aria-label': 'Send' }, icon(ICONS.send)),
  );
  return {
    element,
    offer(files) {
      const file = files?.[0];
      if (file) offerFile(place, file);
    },
    reply(message) {
      answering.set(message);
      field.focus();
    },
  };
}
