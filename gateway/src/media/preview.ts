/**
 * What a page says of itself, for the preview of a link in a text: title, description and a small picture. Fetched
 * through the target guard like every other link, bounded in size and time, and remembered for a while, since the same
 * link goes to many. Without a preview the text is sent all the same: nothing here throws.
 */
import { LRUCache } from 'lru-cache';
import sharp from 'sharp';
import { openLink, type LinkDeps, type OpenLink } from './link.js';
import { readPage, type PageFacts } from './page.js';

export interface LinkPreview {
  title: string;
  description: string | null;
  /** A JPEG of a few kilobytes. */
  thumbnail: Buffer | null;
}

/** For the page and its picture together: the message waits for it. */
const TIME_LIMIT_MS = 6_000;
const PAGE_BYTES = 512 * 1024;
const PICTURE_BYTES = 4 * 1024 * 1024;
const PICTURE_PX = 192;
const REMEMBERED = { max: 500, ttlMs: 600_000 };

/** Reads up to so many bytes and stops there; a page says of itself what it says at its beginning. */
async function readStart({ chunks }: OpenLink, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(parts);
}

async function fetchPage(deps: LinkDeps, url: string, timeoutMs: number): Promise<PageFacts | null> {
  const link = await openLink(deps, url, { maxBytes: Infinity, timeoutMs, accept: 'text/html' });
  try {
    if (!/^(text\/html|application\/xhtml\+xml)\b/i.test(link.mimeType ?? '')) return null;
    return readPage(await readStart(link, PAGE_BYTES), { contentType: link.mimeType ?? '', url: link.url });
  } finally {
    link.close();
  }
}

async function fetchPicture(deps: LinkDeps, url: string, timeoutMs: number): Promise<Buffer> {
  const link = await openLink(deps, url, { maxBytes: PICTURE_BYTES, timeoutMs, accept: 'image/*' });
  try {
    // One byte more than allowed tells a picture that is too large from one that just fits.
    const bytes = await readStart(link, PICTURE_BYTES + 1);
    if (bytes.length > PICTURE_BYTES) throw new Error('the picture is too large');
    const picture = sharp(bytes, { limitInputPixels: 50_000_000 }).rotate();
    return await picture
      .resize(PICTURE_PX, PICTURE_PX, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 70 })
      .toBuffer();
  } finally {
    link.close();
  }
}

async function fetchPreview(deps: LinkDeps, url: string): Promise<LinkPreview | null> {
  const deadline = deps.clock.now() + TIME_LIMIT_MS;
  const page = await fetchPage(deps, url, TIME_LIMIT_MS);
  if (page === null || page.title === null) return null;
  const { title, description, image } = page;
  const left = deadline - deps.clock.now();
  const picture = image === null || left <= 0 ? null : fetchPicture(deps, image, left);
  // A page without its picture still has a preview.
  const thumbnail = (await picture?.catch(() => null)) ?? null;
  return { title, description, thumbnail };
}

export interface LinkPreviews {
  /** Null: the page has none, or cannot be reached. */
  of: (url: string) => Promise<LinkPreview | null>;
}

export function createLinkPreviews(deps: LinkDeps): LinkPreviews {
  // Promises, so that many messages with one link wait for one fetch.
  const known = new LRUCache<string, Promise<LinkPreview | null>>({
    max: REMEMBERED.max,
    ttl: REMEMBERED.ttlMs,
    perf: { now: () => deps.clock.now() },
  });
  return {
    of(url) {
      const before = known.get(url);
      if (before) return before;
      const preview = fetchPreview(deps, url).catch(() => null);
      known.set(url, preview);
      return preview;
    },
  };
}
