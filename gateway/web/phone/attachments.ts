/**
 * Sending something else than text: a picture or file with a caption, a location, a contact, a poll. Opened by composer.ts.
 */
import { ask, textField } from '../shared/dialog.js';
import { h } from '../shared/dom.js';
import { send, sendFile, type Place } from './actions.js';

const MAX_POLL_OPTIONS = 12;

function checkbox(label: string, name: string, isOn = false): HTMLElement {
  const box = h('input', { type: 'checkbox', name, value: 'yes', checked: isOn });
  return h('label', { class: 'switch' }, box, h('span', {}, label));
}

/** Asks for a caption and sends the file. */
export function offerFile(place: Place, file: File): void {
  const [kind] = file.type.split('/');
  const url = kind === 'image' ? URL.createObjectURL(file) : '';
  const preview =
    kind === 'image'
      ? h('img', { class: 'preview', src: url, alt: `Preview of ${file.name}` })
      : h('p', {}, file.name);
  const isSound = kind === 'audio';
  const words = isSound
    ? checkbox('As a voice message', 'voice', true)
    : textField('Caption', { name: 'caption', maxlength: '1000', autocomplete: 'off' });
  const canVanish = kind === 'image' || kind === 'video';
  ask({
    title: 'Send a file',
    content: [preview, words, ...(canVanish ? [checkbox('To be viewed once', 'once')] : [])],
    confirm: 'Send',
    onConfirm: async ({ text }) => {
      const caption = text('caption');
      await sendFile(place, file, {
        caption,
        isVoice: text('voice') !== '',
        isViewOnce: text('once') !== '',
      });
      if (url !== '') URL.revokeObjectURL(url);
    },
  });
}

const degrees = (
  label: string,
  name: string,
  { limit, value }: { limit: number; value: string },
): HTMLElement =>
  textField(label, {
    ...{ name, type: 'number', step: 'any', value, required: true },
    ...{ min: String(-limit), max: String(limit) },
  });

function offerLocation(place: Place): void {
  ask({
    title: 'Send a location',
    content: [
      degrees('Latitude', 'latitude', { limit: 90, value: '52.5163' }),
      degrees('Longitude', 'longitude', { limit: 180, value: '13.3777' }),
      textField('Name', { name: 'name', value: 'Brandenburg Gate', maxlength: '100', autocomplete: 'off' }),
    ],
    confirm: 'Send',
    onConfirm: async ({ text }) => {
      const name = text('name');
      const [latitude, longitude] = [Number(text('latitude')), Number(text('longitude'))];
      await send(place, { kind: 'location', latitude, longitude, ...(name !== '' && { name }) });
    },
  });
}

function offerContact(place: Place): void {
  ask({
    title: 'Send a contact',
    content: [
      textField('Name', { name: 'name', required: true, maxlength: '100', autocomplete: 'off' }),
      textField(
        'Number',
        { name: 'number', required: true, inputmode: 'tel', autocomplete: 'off' },
        'Country code first.',
      ),
    ],
    confirm: 'Send',
    onConfirm: async ({ text }) => {
      const number = text('number').replace(/[^\d]/g, '');
      await send(place, { kind: 'contacts', contacts: [{ name: text('name'), number }] });
    },
  });
}

function offerPoll(place: Place): void {
  const options = h('textarea', { name: 'options', rows: '4', required: true, maxlength: '1200' });
  ask({
    title: 'Send a poll',
    content: [
      textField('Question', { name: 'question', required: true, maxlength: '250', autocomplete: 'off' }),
      h('label', { class: 'field' }, h('span', {}, 'Options, one on each line'), options),
      checkbox('More than one may be chosen', 'many'),
    ],
    confirm: 'Send',
    onConfirm: async ({ text }) => {
      const lines = text('options')
        .split('\n')
        .map((line) => line.trim());
      const chosen = [...new Set(lines.filter((line) => line !== ''))];
      if (chosen.length < 2 || chosen.length > MAX_POLL_OPTIONS) {
        throw new Error(`A poll needs 2 to ${String(MAX_POLL_OPTIONS)} different options.`);
      }
      const selectable = text('many') === '' ? 1 : 0;
      await send(place, { kind: 'poll', question: text('question'), options: chosen, selectable });
    },
  });
}

/** Lets the kind be chosen, then asks for the rest. */
export function offerAttachment(place: Place): void {
  const pick = h('input', {
    type: 'file',
    class: 'visually-hidden',
    tabindex: '-1',
    'aria-label': 'File to send',
    onchange: () => {
      const file = pick.files?.[0];
      if (!file) return;
      close();
      offerFile(place, file);
    },
  });
  const choice = (label: string, onclick: () => void): HTMLElement =>
    h('button', { type: 'button', class: 'button', onclick }, label);
  const then = (offer: (place: Place) => void) => () => {
    close();
    offer(place);
  };
  const close = ask({
    title: 'Attach',
    content: [
      pick,
      h(
        'div',
        { class: 'choices' },
        choice('Picture or file', () => pick.click()),
        choice('Location', then(offerLocation)),
        choice('Contact', then(offerContact)),
        choice('Poll', then(offerPoll)),
      ),
      h('p', { class: 'quiet' }, 'Pictures can also be pasted or dropped into the conversation.'),
    ],
  });
}
