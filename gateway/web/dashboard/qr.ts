/**
 * The QR code of a session that waits to be linked, renewed as WhatsApp renews it, and the code to type instead.
 */
import { ask, textField } from '../shared/dialog.js';
import { fill, h } from '../shared/dom.js';
import { call } from './api.js';
import { button, facts, timeOf } from './view.js';

interface Code {
  image: string;
  expiresAt: string;
  attempt: number;
}

const LOOK_EVERY_MS = 2000;
const WAIT_SECONDS = 20;

/** Opens it; it closes by itself once the session is connected. */
export function openQr(id: string, onClosed: () => void): void {
  const place = h('div', { class: 'qr', 'aria-live': 'polite' }, h('p', {}, 'Waiting for a code …'));
  const close = ask({
    title: `Link ${id}`,
    content: [
      h('p', {}, 'On the phone: Settings, Linked devices, Link a device. Then point its camera here.'),
      place,
      h(
        'div',
        { class: 'choices' },
        button('Type a code instead', () => openPairingCode(id)),
      ),
    ],
  });
  const look = async (): Promise<void> => {
    while (place.isConnected) {
      try {
        const code = await call<Code>('GET', `/v1/sessions/${id}/qr?waitSeconds=${String(WAIT_SECONDS)}`);
        const alt = `QR code ${String(code.attempt)} to link ${id}`;
        fill(
          place,
          h('img', { src: code.image, alt }),
          h('p', { class: 'quiet' }, `Valid until ${timeOf(code.expiresAt)}`),
        );
      } catch (error) {
        if ((error as { status?: number }).status === 409) break;
        fill(place, h('p', { class: 'problem' }, (error as Error).message));
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    if (place.isConnected) close();
    onClosed();
  };
  void look();
}

/** Asks for the phone's number and shows the code that it takes. */
function openPairingCode(id: string): void {
  ask({
    title: `Link ${id} by a code`,
    content: [
      textField('Number of the phone', { name: 'phone', type: 'tel', required: true }, 'With country code.'),
    ],
    confirm: 'Get a code',
    onConfirm: async ({ text }) => {
      const { code, expiresAt } = await call<{ code: string; expiresAt: string }>(
        'POST',
        `/v1/sessions/${id}/pairing-code`,
        { phone: text('phone') },
      );
      ask({
        title: 'Type this on the phone',
        content: [
          h('p', { class: 'code' }, `${code.slice(0, 4)}-${code.slice(4)}`),
          facts([
            ['Where', 'Settings, Linked devices, Link a device, Link with phone number instead'],
            ['Valid until', timeOf(expiresAt)],
          ]),
        ],
      });
    },
  });
}
