/**
 * The control API as the page uses it. Refusals become errors with the API's own words.
 */
import type { Desk } from '../../src/simulator/phone/desk.js';

export type { Desk, Person, ShownCode } from '../../src/simulator/phone/desk.js';
export type { OpenChat, Screen, ShownChat, ShownMessage } from '../../src/simulator/phone/screen.js';

export type TaggedDesk = Desk & { tag: string };

const ROOT = '/control/v1';

/** One call. @throws Error with the reason why it was refused */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${ROOT}${path}`, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  return readAnswer<T>(response);
}

async function readAnswer<T>(response: Response): Promise<T> {
  const text = await response.text();
  const answer: unknown = text === '' ? null : JSON.parse(text);
  if (response.ok) return answer as T;
  throw new Error(
    (answer as { detail?: string } | null)?.detail ?? `The simulator answered ${response.status}.`,
  );
}

export interface DeskQuery {
  open: { number: string; chat: string | null }[];
  tag: string;
  search: string;
}

const WAIT_MS = 25_000;

/** The desk as soon as it looks different from the one with this tag, or after a while. */
export async function awaitDesk(query: DeskQuery, signal: AbortSignal): Promise<TaggedDesk> {
  const parameters = new URLSearchParams({
    tag: query.tag,
    timeoutMs: String(WAIT_MS),
    search: query.search,
  });
  for (const { number, chat } of query.open) {
    parameters.append('open', chat === null ? number : `${number}/${chat}`);
  }
  return readAnswer(await fetch(`${ROOT}/desk?${parameters.toString()}`, { signal }));
}

/** Where the file of a message can be fetched. */
export const fileUrl = (number: string, waId: string): string =>
  `${ROOT}/accounts/${number}/files/${encodeURIComponent(waId)}`;

/** A file's bytes in base64. */
export function toBase64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = typeof reader.result === 'string' ? reader.result : '';
      resolve(url.slice(url.indexOf(',') + 1));
    };
    reader.onerror = () => reject(new Error('The file could not be read.'));
    reader.readAsDataURL(file);
  });
}
