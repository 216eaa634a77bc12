/**
 * The title, description and picture that an HTML page names for whoever links to it. Pure.
 */
import { Parser } from 'htmlparser2';

export interface PageFacts {
  title: string | null;
  description: string | null;
  /** Absolute URL. */
  image: string | null;
}

const MOST_CHARACTERS = { title: 200, description: 400 };

/** In the order in which they are believed. */
const NAMES = {
  title: ['og:title', 'twitter:title', 'title'],
  description: ['og:description', 'twitter:description', 'description'],
  image: ['og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image'],
} as const;

/** The encoding that the header or the page itself names; UTF-8 otherwise. */
function decode(bytes: Buffer, contentType: string): string {
  const inHeader = /charset=["']?([\w-]+)/i.exec(contentType)?.[1];
  const inPage = /<meta[^>]+charset=["']?([\w-]+)/i.exec(bytes.toString('latin1', 0, 2_048))?.[1];
  for (const label of [inHeader, inPage]) {
    if (label === undefined) continue;
    try {
      return new TextDecoder(label).decode(bytes);
    } catch {
      // A name that nobody knows: the next one, or UTF-8.
    }
  }
  return new TextDecoder().decode(bytes);
}

/** What the page says under each name, the first time it says it. */
function readMeta(html: string): Map<string, string> {
  const said = new Map<string, string>();
  const say = (name: string, text: string): void => {
    const plain = text.replace(/\s+/g, ' ').trim();
    if (plain !== '' && !said.has(name)) said.set(name, plain);
  };
  let title: string | null = null;
  const parser = new Parser({
    onopentag(tag, { property, name, content }) {
      if (tag === 'title') title = '';
      const key = (property ?? name)?.toLowerCase();
      if (tag === 'meta' && key !== undefined && content !== undefined) say(key, content);
    },
    ontext(text) {
      if (title !== null) title += text;
    },
    onclosetag(tag) {
      if (tag !== 'title' || title === null) return;
      say('title', title);
      title = null;
    },
  });
  parser.end(html);
  return said;
}

function shorten(text: string | null, most: number): string | null {
  if (text === null || text.length <= most) return text;
  // Not in the middle of a character that takes two units.
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Reads what the page says of itself; `url` is where it was found, and what its links are relative to. */
export function readPage(
  bytes: Buffer,
  { contentType, url }: { contentType: string; url: string },
): PageFacts {
  const said = readMeta(decode(bytes, contentType));
  const first = (names: readonly string[]): string | null => {
    const name = names.find((candidate) => said.has(candidate));
    return (name !== undefined && said.get(name)) || null;
  };
  const image = first(NAMES.image);
  return {
    title: shorten(first(NAMES.title), MOST_CHARACTERS.title),
    description: shorten(first(NAMES.description), MOST_CHARACTERS.description),
    image: image !== null && URL.canParse(image, url) ? new URL(image, url).href : null,
  };
}
