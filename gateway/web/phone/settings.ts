/**
 * The settings of a phone: linked devices, its network, and which receipts it gives.
 */
import { ask, attempt } from '../shared/dialog.js';
import { h } from '../shared/dom.js';
import type { Screen } from './api.js';
import { setOnline, setPolicy, unlink } from './actions.js';
import { phoneNumber } from './format.js';
import { openLinking } from './linking.js';

interface Switch {
  label: string;
  hint: string;
  isOn: boolean;
  onChange: (isOn: boolean) => Promise<unknown>;
}

function switchView({ label, hint, isOn, onChange }: Switch): HTMLElement {
  const box = h('input', {
    type: 'checkbox',
    role: 'switch',
    checked: isOn,
    onchange: () => attempt(() => onChange(box.checked)),
  });
  return h('label', { class: 'switch' }, box, h('span', {}, label, h('small', {}, hint)));
}

function devicesView({ number, linked }: Screen, close: () => void): HTMLElement {
  const rows = linked.map(({ id, platform, isConnected }) =>
    h(
      'li',
      {},
      h(
        'span',
        {},
        `Device ${String(id)} (${platform.toLowerCase()})`,
        h('small', {}, isConnected ? 'connected' : 'not connected'),
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'button danger',
          onclick: () => {
            close();
            attempt(() => unlink(number, id));
          },
        },
        'Unlink',
      ),
    ),
  );
  const link = h(
    'button',
    {
      type: 'button',
      class: 'button',
      onclick: () => {
        close();
        openLinking(number);
      },
    },
    'Link a device',
  );
  const none = rows.length === 0 && h('li', { class: 'quiet' }, 'No device is linked.');
  return h(
    'section',
    { class: 'stack' },
    h('h3', {}, 'Linked devices'),
    h('ul', { class: 'people' }, none, ...rows),
    h('div', {}, link),
  );
}

/** Opens the settings. `reading` is the page's own: whether a chat that is open counts as read. */
export function openSettings(screen: Screen, reading: { isOn: boolean; set: (isOn: boolean) => void }): void {
  const { number, policy, isOnline } = screen;
  const close: () => void = ask({
    title: screen.name,
    content: [
      h('p', { class: 'quiet' }, `${phoneNumber(number)} · a simulated ${screen.kind}`),
      devicesView(screen, () => close()),
      h(
        'section',
        { class: 'stack' },
        h('h3', {}, 'Behaviour'),
        switchView({
          label: 'Has network',
          hint: 'Without it messages wait, and nothing is received or answered.',
          isOn: isOnline,
          onChange: (isOn) => setOnline(number, isOn),
        }),
        switchView({
          label: 'Reads chats that are open',
          hint: 'Sends read receipts while a chat stands open on this page.',
          isOn: reading.isOn,
          onChange: (isOn) => {
            reading.set(isOn);
            return Promise.resolve();
          },
        }),
        switchView({
          label: 'Confirms delivery',
          hint: 'Off: messages to this phone stay at one tick.',
          isOn: policy.delivered,
          onChange: (delivered) => setPolicy(number, { delivered }),
        }),
        switchView({
          label: 'Reads everything at once',
          hint: 'Gives a read receipt for each message as it comes.',
          isOn: policy.read,
          onChange: (read) => setPolicy(number, { read }),
        }),
      ),
    ],
  });
}
