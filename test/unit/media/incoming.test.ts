/**
 * One try to fetch the file of a received message from a server that draws it out.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MediaSource } from '../../../gateway/src/domain/incomingMedia.js';
import { createIncomingMedia } from '../../../gateway/src/media/incoming.js';
import type { OpenFile } from '../../../gateway/src/media/mediaServer.js';
import { openTestFolder, type TestFolder } from '../../support/folder.js';

let folder: TestFolder;
beforeAll(async () => {
  folder = await openTestFolder();
});
afterAll(() => folder.close());

const SOURCE: MediaSource = {
  kind: 'image',
  url: 'https://mmg.whatsapp.net/v/1',
  directPath: null,
  mediaKey: randomBytes(32),
  plainSha256: randomBytes(32),
  cipherSha256: randomBytes(32),
  sizeBytes: 1_000,
  mimeType: null,
  filename: null,
};

/** Gives a byte with each turn of the event loop, until it is cut off. */
async function* trickle(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (;;) {
    signal.throwIfAborted();
    await new Promise(setImmediate);
    yield Buffer.alloc(1);
  }
}

test('a server that hands out a byte now and then is given up, and leaves nothing on the disk', async () => {
  const media = createIncomingMedia({
    folder: join(folder.path, 'media'),
    maxBytes: 1_000_000_000,
    tryMs: 50,
    server: {
      addressOf: () => 'https://mmg.whatsapp.net/v/1',
      open: (_address, signal): Promise<OpenFile> =>
        Promise.resolve({
          status: 200,
          chunks: trickle(signal),
          announcedBytes: null,
          drop: () => undefined,
        }),
    },
  });
  const outcome = await media.fetch('med_1', SOURCE, new AbortController().signal);
  expect(outcome).toMatchObject({ kind: 'broken', problem: { code: 'download_failed' } });
  expect(existsSync(join(folder.path, 'media')) ? readdirSync(join(folder.path, 'media')) : []).toEqual([]);
});
