/**
 * What two messages that say the same have in common. Used where equal texts are counted.
 */
import { createHash } from 'node:crypto';
import type { MessageContent } from '../domain/message.js';

/** Null for what is not a text. */
export function textHashOf({ content }: { content: MessageContent }): string | null {
  if (content.type !== 'text') return null;
  const text = content.text.body.trim().toLowerCase().replace(/\s+/gu, ' ');
  return createHash('sha256').update(text).digest('base64url');
}
