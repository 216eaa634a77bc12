/**
 * The link in a text that a preview is made of. Pure.
 */
import type { MessageContent } from './message.js';

const LINK = /https?:\/\/[^\s<>"'`]+/i;

/** The first link of a text as it stands there, without the punctuation that ends a sentence; null when there is none. */
export function linkIn(text: string): string | null {
  const found = LINK.exec(text)?.[0].replace(/[.,;:!?*_~]+$/, '') ?? null;
  // A bracket belongs to the link only if it was opened in it.
  const link = found?.endsWith(')') === true && !found.includes('(') ? found.slice(0, -1) : found;
  return link !== null && URL.canParse(link) ? link : null;
}

/** The link that a preview is to be made of; null: none. */
export const previewedLink = (content: MessageContent): string | null =>
  content.type === 'text' && content.text.linkPreview !== false ? linkIn(content.text.body) : null;
