/**
 * In-memory stand-ins for the media and events ports, for the tests of the HTTP side.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayError } from '../../../gateway/src/domain/error.js';
import type { StoredEvent } from '../../../gateway/src/domain/event.js';
import { newId } from '../../../gateway/src/lib/ids.js';
import type { Media, MediaFile, MediaInput } from '../../../gateway/src/media/types.js';
import type { Events } from '../../../gateway/src/webhooks/types.js';

/** `folder` is where a file is put when it is opened. */
export function fakeMedia(folder: string) {
  const files = new Map<string, { media: MediaFile; bytes: Buffer }>();
  const inputs: { source: string; input: MediaInput }[] = [];
  const script: { refuse?: Error } = {};
  const keep = async (bytes: Buffer, input: MediaInput): Promise<MediaFile> => {
    if (script.refuse) throw script.refuse;
    const media: MediaFile = {
      id: newId('med'),
      keyId: input.keyId,
      mimeType: input.mimeType ?? 'application/octet-stream',
      sizeBytes: bytes.length,
      sha256: 'ab'.repeat(32),
      filename: input.filename ?? null,
      createdAt: 1_000,
      sessionId: null,
    };
    files.set(media.id, { media, bytes });
    return Promise.resolve(media);
  };
  const fitted: string[] = [];
  /** Lengths of what uploads have brought so far, and how those ended that broke off. */
  const coming: number[] = [];
  const broken: unknown[] = [];
  const find = (id: string) => {
    const file = files.get(id);
    if (!file) throw gatewayError('media_not_found');
    return file;
  };
  const port: Media = {
    fromLink: (url, input) => (inputs.push({ source: url, input }), keep(Buffer.from('linked'), input)),
    fromBase64: (data, input) => (
      inputs.push({ source: data, input }),
      keep(Buffer.from(data, 'base64'), input)
    ),
    fromStream: async (stream, input) => {
      inputs.push({ source: 'stream', input });
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          chunks.push(chunk);
          coming.push(chunk.length);
        }
      } catch (error) {
        broken.push(error);
        throw error;
      }
      return keep(Buffer.concat(chunks), input);
    },
    fit: (file, use) => (fitted.push(use), Promise.resolve(file)),
    discard: (id) => Promise.resolve(void files.delete(id)),
    find: (id) => Promise.resolve().then(() => find(id).media),
    ownerOf: (id) => Promise.resolve().then(() => find(id).media),
    file: (id) =>
      Promise.resolve().then(() => {
        const { media, bytes } = find(id);
        const path = join(folder, media.id);
        writeFileSync(path, bytes);
        return { media, path };
      }),
    clean: () => Promise.resolve(),
  };
  return { port, files, inputs, fitted, coming, broken, script };
}

export function fakeEvents() {
  const rows: StoredEvent[] = [];
  const lists: Parameters<Events['list']>[1][] = [];
  const follows: Parameters<Events['follow']>[1][] = [];
  const port: Events = {
    list: (_caller, request) => {
      lists.push(request);
      return Promise.resolve({ data: rows.slice(0, request.limit), nextCursor: 'next' });
    },
    async *follow(_caller, request) {
      follows.push(request);
      yield* rows;
      if (request.signal.aborted) return;
      await new Promise((resolve) => {
        request.signal.addEventListener('abort', resolve);
      });
    },
    wake: () => undefined,
  };
  return { port, rows, lists, follows };
}
