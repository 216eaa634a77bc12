/**
 * One upload to or one download from the media host, with the faults that can befall it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault, Faults } from '../faults/faults.js';
import type { FileStore } from './fileStore.js';

const MAX_FILE_BYTES = 128 * 1024 * 1024;
const DEFAULT_DELAY_MS = 1000;
/** A slow download comes in this many pieces. */
const SLICES = 10;
const GONE = 410;

export interface Exchange {
  faults: Faults;
  files: FileStore;
  response: ServerResponse;
  /** Name of the file. */
  name: string;
  /** Number of the session's phone, when the address names it. */
  session: string | undefined;
}

const later = (delayMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, delayMs).unref());

export const answer = (response: ServerResponse, status: number, body: object = {}): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** How long a transfer of that size takes under the fault. */
function durationMs({ bytesPerSecond, delayMs }: Fault, sizeBytes: number): number {
  const transferMs = bytesPerSecond === undefined ? 0 : (sizeBytes / bytesPerSecond) * 1000;
  return transferMs + (delayMs ?? (bytesPerSecond === undefined ? DEFAULT_DELAY_MS : 0));
}

/** Takes a file from a client. */
export async function takeUpload(exchange: Exchange, request: IncomingMessage): Promise<void> {
  const { faults, files, response, name, session } = exchange;
  if (Number(request.headers['content-length'] ?? 0) > MAX_FILE_BYTES) {
    // Before it has come, and the client need not finish.
    response.setHeader('connection', 'close');
    answer(response, 413);
    return;
  }
  if (faults.take('truncate_upload', { session })) {
    // The line breaks while the file is on its way.
    request.once('data', () => request.destroy());
    return;
  }
  const slow = faults.take('slow_upload', { session });
  const failed = faults.take('fail_upload', { session });
  const bytes = await readBody(request, MAX_FILE_BYTES);
  if (slow) await later(durationMs(slow, bytes?.length ?? 0));
  if (failed) {
    answer(response, failed.code ?? 500);
  } else if (!bytes) {
    answer(response, 413);
  } else {
    files.put(name, bytes);
    const url = `https://${request.headers.host ?? ''}/v/${name}`;
    answer(response, 200, { url, direct_path: `/v/${name}` });
  }
}

async function giveSlowly(response: ServerResponse, bytes: Buffer, slow: Fault): Promise<void> {
  const size = Math.ceil(bytes.length / SLICES);
  for (let from = 0; from < bytes.length; from += size) {
    await later(durationMs(slow, bytes.length) / SLICES);
    response.write(bytes.subarray(from, from + size));
  }
  response.end();
}

/** Gives a file to a client. */
export async function giveDownload({ faults, files, response, name, session }: Exchange): Promise<void> {
  const failed = faults.take('fail_download', { session });
  const bytes = files.find(name);
  if (failed || bytes === undefined || bytes === 'expired') {
    answer(response, failed ? (failed.code ?? 500) : bytes === 'expired' ? GONE : 404);
    return;
  }
  const isTruncated = faults.take('truncate_download', { session }) !== undefined;
  const slow = faults.take('slow_download', { session });
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
  if (isTruncated) response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
  else if (slow) await giveSlowly(response, bytes, slow);
  else response.end(bytes);
}
