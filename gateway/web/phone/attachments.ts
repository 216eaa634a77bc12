/**
 * Sending something else than text: a picture or file with a caption, a location. Opened by composer.ts.
 */
import { ask, textField } from '../shared/dialog.js';
import { h } from '../shared/dom.js';
import { send, sendFile, type Place } from './actions.js';

/** Asks for a caption and sends the file. */
export function offerFile(place: Place, file: File): void {
  const isPicture = file.type.startsWith('image/');
  const url = isPicture ? URL.createObjectURL(file) : '';
  const preview = isPicture
    ? h('img', { class: 'preview', src: url, alt: `Preview of ${file.name}` })
    : h('p', {}, file.name);
  ask({
    title: 'Send a file',
    content: [preview, textField('Caption', { name: 'caption', maxlength: '1000', autocomplete: 'off' })],
    confirm: 'Send',
    onConfirm: async ({ text }) => {
      await sendFile(place, file, text('caption'));
      if (url !== '') URL.revokeObjectURL(url);
    },
  });
}

function offerLocation(place: Place): void {
  ask({
    title: 'Send a location',
    content: [
      textField('Latitude', {
        name: 'latitude',
        type: 'number',
        step: 'any',
        min: '-90',
        max: '90',
        value: '52.5163',
        required: true,
      }),
      textField('Longitude', {
        name: 'longitude',
        type: 'number',
        step: 'any',
        min: '-180',
        max: '180',
        value: '13.3777',
        required: true,
      }),
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
  const close = ask({
    title: 'Attach',
    content: [
      pick,
      h(
        'div',
        { class: 'choices' },
        h('button', { type: 'button', class: 'button', onclick: () => pick.click() }, 'Picture or file'),
        h(
          'button',
          {
            type: 'button',
            class: 'button',
            onclick: () => {
              close();
              offerLocation(place);
            },
          },
          'Location',
        ),
      ),
      h('p', { class: 'quiet' }, 'Pictures can also be pasted or dropped into the conversation.'),
    ],
  });
}
