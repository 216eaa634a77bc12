/**
 * A file is uploaded to WhatsApp once while the reference is fresh, for each session and kind, and again when it is not.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uploadMedia, type Upload, type UploadDeps } from '../../../gateway/src/whatsapp/upload.js';
import { openBed, type Bed } from './bed.js';

const HOUR = 3_600_000;
const BYTES = Buffer.from('a price list');

let bed: Bed;
let folder: string;
let uploads: number;
beforeEach(async () => {
  bed = await openBed();
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-upload-'));
  writeFileSync(join(folder, 'file'), BYTES);
  uploads = 0;
});
afterEach(async () => {
  await bed.close();
  rmSync(folder, { recursive: true, force: true });
});

const client: Parameters<typeof uploadMedia>[2] = {
  waUploadToServer: () => {
    uploads += 1;
    const directPath = `/v/${String(uploads)}`;
    return Promise.resolve({ mediaUrl: `https://mmg.example${directPath}`, directPath });
  },
};

async function send(more: Partial<Upload> = {}): Promise<string | null | undefined> {
  const upload: Upload = {
    sessionId: 's1',
    type: 'document',
    part: { mediaId: 'med_1', mimeType: 'text/plain' },
    file: {
      path: join(folder, 'file'),
      sha256: createHash('sha256').update(BYTES).digest('hex'),
      filename: 'prices.txt',
    } as Upload['file'],
    ...more,
  };
  const message = await uploadMedia(bed.deps, upload, client);
  return message[`${upload.type}Message` as 'documentMessage']?.directPath;
}

test('once for many recipients within a day, and again when that is over', async () => {
  expect([await send(), await send(), await send()]).toEqual(['/v/1', '/v/1', '/v/1']);
  bed.clock.advance(24 * HOUR - 1);
  expect(await send()).toBe('/v/1');
  bed.clock.advance(2);
  expect([await send(), await send(), uploads]).toEqual(['/v/2', '/v/2', 2]);
});

test('each session by itself, since the reference is its own, and each kind with its own key', async () => {
  expect(await send()).toBe('/v/1');
  expect(await send({ sessionId: 's2' })).toBe('/v/2');
  expect(await send({ type: 'sticker' })).toBe('/v/3');
  expect(await send()).toBe('/v/1');
});

test('an upload that fails leaves nothing that the next one would take for there', async () => {
  const failing = { waUploadToServer: () => Promise.reject(new Error('all hosts')) };
  const upload = {
    sessionId: 's1',
    type: 'document' as const,
    part: { mediaId: 'med_1', mimeType: 'text/plain' },
    file: { path: join(folder, 'file'), sha256: 'x', filename: null } as Upload['file'],
  };
  await expect(uploadMedia(bed.deps as unknown as UploadDeps, upload, failing)).rejects.toThrow('all hosts');
  expect(await send({ file: upload.file })).toBe('/v/1');
});
