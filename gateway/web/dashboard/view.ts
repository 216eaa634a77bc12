/**
 * What every part of the dashboard is, and small pieces that they draw.
 */
import { h } from '../shared/dom.js';
import type { Hold } from './api.js';

/** One part of the dashboard. `update` reads the API again and redraws what has changed. */
export interface View {
  element: HTMLElement;
  update: () => Promise<void>;
}

export const timeOf = (iso: string): string => new Date(iso).toLocaleString();

export const time = (iso: string): HTMLElement => h('time', { datetime: iso }, timeOf(iso));

/** How a status looks: good, bad, or on its way. */
function toneOf(status: string): string {
  if (/^(connected|sent|delivered|read|played|enabled)$/.test(status)) return 'good';
  if (/^(failed|logged_out|banned|dead|disabled|expired)$/.test(status)) return 'bad';
  return 'wait';
}

export const pill = (status: string): HTMLElement =>
  h('span', { class: `pill ${toneOf(status)}` }, status.replaceAll('_', ' '));

export const button = (label: string, onclick: () => void, tone = ''): HTMLButtonElement =>
  h('button', { type: 'button', class: `button ${tone}`, onclick }, label);

/** Names and values below each other. */
export const facts = (rows: [string, string | Node | null][]): HTMLElement =>
  h(
    'dl',
    { class: 'facts' },
    ...rows.flatMap(([name, value]) => (value === null ? [] : [h('dt', {}, name), h('dd', {}, value)])),
  );

/** Why something waits, and until when. */
export const holdText = ({ message, until }: Hold): string =>
  until === null ? message : `${message}, until ${timeOf(until)}`;
