/**
 * Numbers, times and texts as people read them. Pure, but for the elements that formatted text becomes.
 */
import { h } from '../shared/dom.js';

/** `+49 1555 0001001`: a plus and a space, enough to read it by. */
export const phoneNumber = (number: string): string =>
  `+${number.slice(0, 2)} ${number.slice(2, 6)} ${number.slice(6)}`.trim();

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

export const timeOf = (iso: string): string => TIME.format(new Date(iso));

/** "Today", or the day itself. */
export function dayOf(iso: string): string {
  const day = DAY.format(new Date(iso));
  return day === DAY.format(new Date()) ? 'Today' : day;
}

export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${String(bytes)} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(0)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The first letters of a name, for the picture that people without one get. */
export const initials = (name: string): string =>
  name
    .split(/\s+/)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 32).trim())
    .slice(0, 2)
    .join('')
    .toUpperCase();

/** A hue that is always the same for the same person. */
export function hueOf(text: string): number {
  let hash = 0;
  for (const sign of text) hash = (hash * 31 + (sign.codePointAt(0) ?? 0)) % 65_521;
  // Neighbouring numbers get hues far apart: the golden angle.
  return Math.round(hash * 137.508) % 360;
}

const MARKS: Record<string, 'strong' | 'em' | 's' | 'code'> = {
  '*': 'strong',
  _: 'em',
  '~': 's',
  '`': 'code',
};
const PIECE =
  /(https?:\/\/[^\s<>"]+)|(?<![\p{L}\p{N}])(```[\s\S]+?```|([*_~`])(?!\s)(?:(?!\3|\n).)+?(?<!\s)\3)(?![\p{L}\p{N}])/gu;

function piece(text: string, isLink: boolean): Node {
  if (isLink) return h('a', { href: text, target: '_blank', rel: 'noreferrer noopener' }, text);
  if (text.startsWith('```')) return h('code', {}, text.slice(3, -3));
  return h(MARKS[text.charAt(0)] ?? 'span', {}, text.slice(1, -1));
}

/** Text with links, *bold*, _italic_, ~struck~ and `code`, as messengers show it. */
export function richText(text: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let done = 0;
  for (const match of text.matchAll(PIECE)) {
    if (match.index > done) parts.push(text.slice(done, match.index));
    parts.push(piece(match[0], match[1] !== undefined));
    done = match.index + match[0].length;
  }
  return [...parts, text.slice(done)].filter((part) => part !== '');
}

const FILE_NAMES = {
  image: 'Photo',
  video: 'Video',
  audio: 'Audio',
  voice: 'Voice message',
  document: 'Document',
  sticker: 'Sticker',
} as const;

interface Described {
  isRevoked: boolean;
  content: {
    kind: string;
    text: string | null;
    file: { kind: keyof typeof FILE_NAMES; fileName: string | null } | null;
    location: { name: string | null } | null;
    contacts: string[];
  };
}

/** A message in one line. */
export function oneLine({ isRevoked, content }: Described): string {
  if (isRevoked) return 'This message was deleted';
  const { file, location, contacts, text } = content;
  if (file) return text ?? file.fileName ?? FILE_NAMES[file.kind];
  if (location) return `Location${location.name === null ? '' : `: ${location.name}`}`;
  if (contacts.length > 0) return `Contact: ${contacts.join(', ')}`;
  if (content.kind === 'poll') return `Poll: ${text ?? ''}`;
  return text ?? 'A message that this page cannot show';
}
