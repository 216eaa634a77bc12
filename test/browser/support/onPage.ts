/**
 * Looks at a whole page for what some people could not use. These functions run on the page, so they stand alone.
 */

/** Controls that a screen reader could not name. */
export function namelessControls(): string[] {
  return [...document.querySelectorAll<HTMLElement>('button, input, textarea, select, a')]
    .filter((control) => {
      const name = control.getAttribute('aria-label') ?? control.textContent;
      return name.trim() === '' && !control.closest('label') && !control.querySelector('img[alt]');
    })
    .map((control) => control.outerHTML);
}

/** Texts whose colours differ less than WCAG 2.2 AA asks for. */
export function lowContrast(): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour: string): number[] => {
    if (!canvas) return [0, 0, 0, 0];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour: number[]): number => {
    const [r = 0, g = 0, b = 0] = colour.map((part) => {
      const c = part / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element: Element | null): number[] => {
    if (!element) return [255, 255, 255, 255];
    const [r = 0, g = 0, b = 0, a = 0] = rgba(getComputedStyle(element).backgroundColor);
    if (a === 255) return [r, g, b];
    const under = behind(element.parentElement);
    return [r, g, b].map((part, at) => (part * a + (under[at] ?? 0) * (255 - a)) / 255);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const low: string[] = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = (walker.currentNode.textContent ?? '').trim();
    if (
      !element ||
      text === '' ||
      element.closest('.visually-hidden, noscript') ||
      element.offsetParent === null
    )
      continue;
    const [one, two] = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) low.push(`${text.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return low;
}
