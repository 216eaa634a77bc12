/**
 * Tables that keep their rows while they look the same.
 */
import { createList, h } from '../shared/dom.js';

export interface Table<T> {
  element: HTMLElement;
  draw: (items: T[]) => void;
}

interface Columns<T> {
  label: string;
  names: string[];
  keyOf: (item: T) => string;
  cells: (item: T) => (Node | string)[];
  empty: string;
}

/** A table that scrolls sideways in its own frame when it must. */
export function createTable<T>({ label, names, keyOf, cells, empty }: Columns<T>): Table<T> {
  const body = h('tbody');
  const nothing = h('p', { class: 'quiet' }, empty);
  const renew = createList<T>(body, keyOf, (item) =>
    h('tr', {}, ...cells(item).map((cell) => h('td', {}, cell))),
  );
  const head = h('thead', {}, h('tr', {}, ...names.map((name) => h('th', { scope: 'col' }, name))));
  const frame = h(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': label },
    h('table', {}, head, body),
    nothing,
  );
  return {
    element: frame,
    draw(items) {
      nothing.hidden = items.length > 0;
      renew(items);
    },
  };
}
