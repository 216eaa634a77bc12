/**
 * How long somebody is seen typing before a message arrives. Pure; the WhatsApp side shows it, and the gap between two
 * messages contains it.
 */
import type { MessageContent } from './message.js';
import type { Typing } from './policy.js';

/** Kinds that nobody types. */
const NOT_TYPED: readonly MessageContent['type'][] = ['reaction', 'edit', 'revoke', 'sticker'];

function lengthOf(content: MessageContent): number {
  if (content.type === 'text') return content.text.body.length;
  if (content.type === 'poll') return content.poll.question.length + content.poll.options.join('').length;
  const parts: unknown[] = Object.values(content);
  const caption = parts
    .map((part) => (typeof part === 'object' && part !== null && 'caption' in part ? part.caption : null))
    .find((text) => typeof text === 'string');
  return typeof caption === 'string' ? caption.length : 0;
}

/** Milliseconds of typing before the message, proportional to its text; 0: none. */
export function typingMs(typing: Typing | null, content: MessageContent): number {
  if (typing === null || NOT_TYPED.includes(content.type)) return 0;
  const { perCharacterMs, minMs, maxMs } = typing;
  return Math.round(Math.min(maxMs, Math.max(minMs, lengthOf(content) * perCharacterMs)));
}
