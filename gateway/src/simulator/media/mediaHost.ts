/**
 * The media host: HTTPS on loopback where clients upload encrypted files and download them, with its faults.
 * Files are kept in memory, up to a limit, by the hash that clients upload them under.
 */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Faults } from '../faults/faults.js';
import type { TlsIdentity } from './tlsIdentity.js';

const LOOPBACK = '127.0.0.1';
const MAX_FILE_BYTES = 128 * 1024 * 1024;
const MAX_STORED_BYTES = 512 * 1024 * 1024;
const UPLOAD_PATH = /^\/(?:mms|product|pps)\/[\w-]+\/([\w%=-]{16,128})$/;
const DOWNLOAD_PATH = /^\/v\/([\w%=-]{16,128})$/;

export interface MediaHost {
  /** Host and port, as clients get it from `media_conn`. */
  hostname: string;
  /** Stores a file and returns where clients find it. */
  store(name: string, bytes: Buffer): { url: string; directPath: string };
  /** The stored file behind a direct path. */
  find(directPath: string): Buffer | undefined;
  close(): Promise<void>;
}

function createFileStore() {
  const files = new Map<string, Buffer>();
  let storedBytes = 0;
  return {
    find: (name: string): Buffer | undefined => files.get(name),
    put(name: string, bytes: Buffer): void {
      storedBytes += bytes.length - (files.get(name)?.length ?? 0);
      files.delete(name);
      files.set(name, bytes);
      for (const [oldest, { length }] of files) {
        if (storedBytes <= MAX_STORED_BYTES || oldest === name) break;
        files.delete(oldest);
        storedBytes -= length;
      }
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_FILE_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const answer = (response: ServerResponse, status: number, body: object = {}): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const later = (delayMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, delayMs).unref());

type FileStore = ReturnType<typeof createFileStore>;

interface Exchange {
  faults: Faults;
  files: FileStore;
  response: ServerResponse;
  name: string;
}

async function takeUpload(
  { faults, files, response, name }: Exchange,
  request: IncomingMessage,
): Promise<void> {
  const slow = faults.take('slow_upload');
  if (slow) await later(slow.delayMs ?? 1000);
  const failed = faults.take('fail_upload');
  const bytes = await readBody(request);
  if (failed) {
    answer(response, failed.code ?? 500);
  } else if (!bytes) {
    answer(response, 413);
  } else {
    files.put(name, bytes);
    answer(response, 200, {
      url: `https://${request.headers.host ?? ''}/v/${name}`,
      direct_path: `/v/${name}`,
    });
  }
}

async function giveDownload({ faults, files, response, name }: Exchange): Promise<void> {
  const slow = faults.take('slow_download');
  if (slow) await later(slow.delayMs ?? 1000);
  const failed = faults.take('fail_download');
  const bytes = files.find(name);
  if (failed || !bytes) {
    answer(response, failed ? (failed.code ?? 500) : 404);
    return;
  }
  const isTruncated = faults.take('truncate_download') !== undefined;
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
  if (isTruncated) response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
  else response.end(bytes);
}

const createRequestHandler =
  (faults: Faults, files: FileStore) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const uploaded = request.method === 'POST' ? UPLOAD_PATH.exec(path)?.[1] : undefined;
    const wanted = request.method === 'GET' ? DOWNLOAD_PATH.exec(path)?.[1] : undefined;
    const abort = (): void => void response.destroy();
    if (uploaded) takeUpload({ faults, files, response, name: uploaded }, request).catch(abort);
    else if (wanted) giveDownload({ faults, files, response, name: wanted }).catch(abort);
    else answer(response, 404);
  };

/** Starts the host. @throws when the port is taken. */
export async function createMediaHost(deps: {
  identity: TlsIdentity;
  faults: Faults;
  port: number;
}): Promise<MediaHost> {
  const { identity, faults } = deps;
  const files = createFileStore();
  const tls = { key: identity.privateKeyPem, cert: identity.certificatePem };
  const server = createServer(tls, createRequestHandler(faults, files));
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(deps.port, LOOPBACK, resolve);
  });
  const hostname = `${LOOPBACK}:${(server.address() as AddressInfo).port}`;
  return {
    hostname,
    store(name, bytes) {
      files.put(name, bytes);
      return { url: `https://${hostname}/v/${name}`, directPath: `/v/${name}` };
    },
    find: (directPath) => files.find(DOWNLOAD_PATH.exec(directPath.split('?')[0] ?? '')?.[1] ?? ''),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
