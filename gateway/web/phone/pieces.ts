/**
 * Small pieces that several parts of the page draw: a person's picture, the ticks of a message.
 */
import { h, icon } from '../shared/dom.js';
import { ICONS } from '../shared/icons.js';
import { hueOf, initials } from './format.js';
import type { ShownMessage } from './api.js';

/** A person's picture: initials on a colour of their own. Decoration, so hidden from screen readers. */
export function avatar(name: string, key: string, isGroup = false): HTMLElement {
  const element = h(
    'span',
    { class: 'avatar', 'aria-hidden': 'true' },
    isGroup ? icon(ICONS.group) : initials(name),
  );
  element.style.setProperty('--hue', String(hueOf(key)));
  return element;
}

/** One tick for sent, two for delivered, two coloured ones for read. */
export function ticks(tick: NonNullable<ShownMessage['tick']>): HTMLElement {
  const path = tick === 'sent' ? ICONS.tick : ICONS.ticks;
  return h('span', { class: `ticks ${tick}`, title: tick }, icon(path, tick));
}
