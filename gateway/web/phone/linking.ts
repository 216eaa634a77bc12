/**
 * Linking a device to a phone: one click when the code is in sight, otherwise by a picture of it, its text, a look at
 * the screen on which it is, or the eight characters of a pairing code.
 */
import { ask, attempt, textField } from '../shared/dialog.js';
import { createOnChange, fill, h, icon } from '../shared/dom.js';
import { ICONS } from '../shared/icons.js';
import type { ShownCode } from './api.js';
import { linkByCode, linkByPicture, linkByQr } from './actions.js';

/** One frame of a window or tab that the user picks: what a phone's camera would see. */
async function takePictureOfScreen(): Promise<Blob> {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
  try {
    const video = h('video', { muted: true });
    video.srcObject = stream;
    await video.play();
    const canvas = h('canvas', { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((picture) => {
        if (picture) resolve(picture);
        else reject(new Error('The screen could not be captured.'));
      });
    });
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

function pictureOf(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find(({ type }) => type.startsWith('image/'));
}

function pictureParts(number: string, onLinked: () => void): HTMLElement {
  const scan = (take: () => Promise<Blob>): void =>
    attempt(async () => {
      await linkByPicture(number, await take());
      onLinked();
    });
  const pick = h('input', {
    type: 'file',
    accept: 'image/*',
    class: 'visually-hidden',
    tabindex: '-1',
    'aria-label': 'Picture of the QR code',
    onchange: () => {
      const file = pick.files?.[0];
      if (file) scan(() => Promise.resolve(file));
    },
  });
  const canCapture = 'mediaDevices' in navigator && 'getDisplayMedia' in navigator.mediaDevices;
  return h(
    'div',
    {
      class: 'drop',
      ondragover: (event: DragEvent) => event.preventDefault(),
      ondrop: (event: DragEvent) => {
        event.preventDefault();
        const file = pictureOf(event.dataTransfer);
        if (file) scan(() => Promise.resolve(file));
      },
    },
    icon(ICONS.link),
    h('p', {}, 'Drop or paste a picture of the QR code here.'),
    pick,
    h(
      'div',
      { class: 'choices' },
      h('button', { type: 'button', class: 'button', onclick: () => pick.click() }, 'Choose a picture'),
      canCapture &&
        h(
          'button',
          { type: 'button', class: 'button', onclick: () => scan(takePictureOfScreen) },
          'Look at my screen',
        ),
    ),
  );
}

/** The dialog with every way to link. */
export function openLinking(number: string): void {
  const done = (): void => close();
  const parts = pictureParts(number, done);
  const close: () => void = ask({
    title: 'Link a device',
    content: [
      parts,
      textField(
        'Or: the code',
        { name: 'code', autocomplete: 'off', spellcheck: 'false' },
        'The eight characters of a pairing code, or the text of a QR code.',
      ),
    ],
    confirm: 'Link',
    onConfirm: async ({ text }) => {
      const code = text('code');
      if (code === '') throw new Error('Give a picture or a code.');
      await (code.replaceAll('-', '').length === 8 ? linkByCode(number, code) : linkByQr(number, code));
    },
  });
  parts.closest('dialog')?.addEventListener('paste', (event) => {
    const file = pictureOf(event.clipboardData);
    if (!file) return;
    event.preventDefault();
    attempt(async () => {
      await linkByPicture(number, file);
      done();
    });
  });
}

function bannerText({ label, codeFor, platform }: ShownCode, number: string): string {
  if (codeFor === number) return 'A device waits for its pairing code to be typed here.';
  return label === null
    ? `A device (${platform.toLowerCase()}) shows a QR code.`
    : `${label} wants to be linked.`;
}

/** Says on a phone that devices wait to be linked, with one click to do it. */
export function createLinkBanner(number: string): {
  element: HTMLElement;
  update: (codes: ShownCode[]) => void;
} {
  const element = h('div', { class: 'banners', role: 'status' });
  const update = createOnChange<ShownCode[]>((codes) => {
    const shown = codes.filter(({ codeFor }) => codeFor === null || codeFor === number);
    fill(
      element,
      ...shown.map((code) => {
        const { qr } = code;
        const link = (event: Event): void => {
          const button = event.currentTarget as HTMLButtonElement;
          if (qr === null || code.codeFor === number) {
            openLinking(number);
            return;
          }
          button.disabled = true;
          attempt(() => linkByQr(number, qr).finally(() => (button.disabled = false)));
        };
        const words = code.codeFor === number ? 'Type the code' : qr === null ? 'Scan …' : 'Scan';
        return h(
          'div',
          { class: 'banner' },
          icon(ICONS.link),
          h('span', {}, bannerText(code, number)),
          h('button', { type: 'button', class: 'button primary', onclick: link }, words),
        );
      }),
    );
  });
  return { element, update };
}
