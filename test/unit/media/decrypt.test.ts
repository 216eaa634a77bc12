/**
 * Opening encrypted files chunk by chunk, however they are cut.
 */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { MediaSource } from '../../../gateway/src/domain/incomingMedia.js';
import { decrypted, SpoiledFileError } from '../../../gateway/src/media/decrypt.js';
import { createMediaServer } from '../../../gateway/src/media/mediaServer.js';
import { encryptMedia } from '../../../gateway/src/simulator/media/mediaCrypto.js';

function encrypted(plain: Buffer): { bytes: Buffer; source: MediaSource } {
  const { bytes, mediaKey, fileSha256, fileEncSha256 } = encryptMedia(plain, 'video');
  const source: MediaSource = {
    kind: 'video',
    url: null,
    directPath: null,
    mediaKey,
    plainSha256: fileSha256,
    cipherSha256: fileEncSha256,
    sizeBytes: plain.length,
    mimeType: null,
    filename: null,
  };
  return { bytes, source };
}

async function* cut(bytes: Buffer, sizes: number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
}

async function open(bytes: Buffer, source: MediaSource, sizes: number[] = []): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of decrypted(cut(bytes, sizes), source)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('a file is the same however its bytes are cut into chunks', async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 400 }), sizes, async (length, chunks) => {
      const plain = randomBytes(length);
      const { bytes, source } = encrypted(plain);
      expect((await open(bytes, source, chunks)).equals(plain)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['is cut off', (bytes) => bytes.subarray(0, -1)],
  ['is empty', () => Buffer.alloc(0)],
  ['has one other bit', (bytes) => Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1)])],
  ['has one byte more', (bytes) => Buffer.concat([bytes, Buffer.from([0])])],
])('a file that %s is spoiled, also when the message names no hash', async (_what, spoil) => {
  const { bytes, source } = encrypted(randomBytes(100));
  await expect(open(spoil(bytes), source)).rejects.toBeInstanceOf(SpoiledFileError);
  await expect(open(spoil(bytes), { ...source, cipherSha256: null })).rejects.toBeInstanceOf(
    SpoiledFileError,
  );
});

describe('where a file may be fetched from', () => {
  const real = createMediaServer({ simulated: false });
  const simulated = createMediaServer({ simulated: true });
  afterAll(() => Promise.all([real.close(), simulated.close()]));

  test.each<[string, string | null, string | null, string | null]>([
    ['its own URL', 'https://mmg.whatsapp.net/v/t62?a=b', '/other', 'https://mmg.whatsapp.net/v/t62?a=b'],
    ['the path on the default host', null, '/v/t62?a=b', 'https://mmg.whatsapp.net/v/t62?a=b'],
    [
      'the path, when the URL is not of a media server',
      'https://web.whatsapp.net',
      '/v/x',
      'https://mmg.whatsapp.net/v/x',
    ],
    ['nowhere, on another host', 'https://evil.example/x', null, null],
    ['nowhere, on a host that ends alike', 'https://evilwhatsapp.net/x', null, null],
    ['nowhere, with a host in its path', null, '//evil.example/x', null],
    ['nowhere, unencrypted', 'http://mmg.whatsapp.net/x', null, null],
    ['nowhere, with a password', 'https://a:b@mmg.whatsapp.net/x', null, null],
    ['nowhere, on this machine', 'https://127.0.0.1/x', null, null],
  ])('%s', (_what, url, directPath, expected) => {
    expect(real.addressOf({ url, directPath })).toBe(expected);
  });

  test('a simulated WhatsApp has its files on this machine only', () => {
    const here = 'https://127.0.0.1:8443/v/x';
    expect(simulated.addressOf({ url: here, directPath: null })).toBe(here);
    expect(simulated.addressOf({ url: 'https://mmg.whatsapp.net/x', directPath: '/x' })).toBeNull();
  });
});
