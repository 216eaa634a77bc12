/**
 * Building and renewing pages without a framework: elements from a description, and lists that keep the elements of
 * items that have not changed (their focus, scroll position and open menus stay). Text only ever becomes text.
 */
type Child = Node | string | null | undefined | false;

type Handlers = {
  [Name in keyof HTMLElementEventMap as `on${Name}`]?: (event: HTMLElementEventMap[Name]) => void;
};

type Value = string | number | boolean | null | undefined;

export type Attributes = Handlers & { [name: string]: Value | ((event: never) => void) };

/** An element. Names that begin with `on` are listeners, false and null leave an attribute out, true sets it empty. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...present(children));
  return element;
}

const present = (children: Child[]): (Node | string)[] =>
  children.filter(
    (child): child is Node | string =>
      child !== null && child !== undefined && child !== false && child !== '',
  );

/** Puts these children in the place of all that were there. */
export const fill = (element: Element, ...children: Child[]): void =>
  element.replaceChildren(...present(children));

const SVG = 'http://www.w3.org/2000/svg';

/** A drawing of one path in a square of 24 units, hidden from screen readers unless it has a title. */
export function icon(path: string, title?: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  if (title === undefined) svg.setAttribute('aria-hidden', 'true');
  else {
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', title);
  }
  const drawing = document.createElementNS(SVG, 'path');
  drawing.setAttribute('d', path);
  svg.append(drawing);
  return svg;
}

interface Kept {
  signature: string;
  element: Element;
}

/** Renews a list: an item's element stays as long as the item looks the same in JSON. */
export function createList<T>(
  container: Element,
  keyOf: (item: T) => string,
  draw: (item: T) => Element,
): (items: T[]) => void {
  let kept = new Map<string, Kept>();
  return (items) => {
    const next = new Map<string, Kept>();
    for (const item of items) {
      const key = keyOf(item);
      const signature = JSON.stringify(item);
      const known = kept.get(key);
      next.set(key, known?.signature === signature ? known : { signature, element: draw(item) });
    }
    kept = next;
    const wanted = [...next.values()].map(({ element }) => element);
    for (const element of [...container.children]) if (!wanted.includes(element)) element.remove();
    wanted.forEach((element, place) => {
      if (container.children[place] !== element)
        container.insertBefore(element, container.children[place] ?? null);
    });
  };
}

/** Calls `draw` only when the value differs from the last one, compared as JSON. */
export function createOnChange<T>(draw: (value: T) => void): (value: T) => void {
  let last: string | undefined;
  return (value) => {
    const now = JSON.stringify(value);
    if (now === last) return;
    last = now;
    draw(value);
  };
}
