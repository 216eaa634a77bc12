/**
 * The media host: HTTPS on loopback where clients upload encrypted files and download them.
 * Addresses name the session where they can, so that a fault can be limited to one.
 */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Faults } from '../faults/faults.js';
import { createFileStore, type FileStore, type FileStoreOptions } from './fileStore.js';
import type { TlsIdentity } from './tlsIdentity.js';
import { answer, giveDownload, takeUpload } from './transfers.js';

const LOOPBACK = '127.0.0.1';
const UPLOAD_PATH = /^\/(?:mms|product|pps)\/[\w-]+\/([\w%=-]{16,128})$/;
const DOWNLOAD_PATH = /^\/v\/([\w%=-]{16,128})$/;

export interface MediaPlace {
  url: string;
  directPath: string;
}

export interface MediaHost {
  /** Host and port, as clients get it from `media_conn`. */
  hostname: string;
  port: number;
  /** Names of the files that are no longer served. */
  expired(): string[];
  /** What `media_conn` gives a session to upload with. */
  authFor(session: string): string;
  /** Stores a file and returns where clients find it; `session` is the one that is going to fetch it. */
  store(file: { name: string; bytes: Buffer; session?: string | undefined }): MediaPlace;
  /** The stored file behind a direct path, as long as it is served. */
  find(directPath: string): Buffer | undefined;
  /** Takes a file off the host; false when there is none. */
  expire(directPath: string, phoneHasIt: boolean): boolean;
  /** The phone uploads a file again; undefined when it does not have it. */
  renew(directPath: string, session: string): MediaPlace | undefined;
  close(): Promise<void>;
}

const SESSION_PARAMETER = 's';
const AUTH_PREFIX = 'simulated-';

const nameIn = (directPath: string): string => DOWNLOAD_PATH.exec(directPath.split('?')[0] ?? '')?.[1] ?? '';

const createRequestHandler =
  (faults: Faults, files: FileStore) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    // Not by `URL`, which throws on what hostile clients send.
    const [pathname = '', search] = (request.url ?? '').split('?');
    const searchParams = new URLSearchParams(search);
    const uploaded = request.method === 'POST' ? UPLOAD_PATH.exec(pathname)?.[1] : undefined;
    const wanted = request.method === 'GET' ? DOWNLOAD_PATH.exec(pathname)?.[1] : undefined;
    const abort = (): void => void response.destroy();
    const exchange = { faults, files, response };
    if (uploaded) {
      const auth = searchParams.get('auth') ?? '';
      const session = auth.startsWith(AUTH_PREFIX) ? auth.slice(AUTH_PREFIX.length) : undefined;
      takeUpload({ ...exchange, name: uploaded, session }, request).catch(abort);
    } else if (wanted) {
      const session = searchParams.get(SESSION_PARAMETER) ?? undefined;
      giveDownload({ ...exchange, name: wanted, session }).catch(abort);
    } else answer(response, 404);
  };

/** Starts the host. @throws when the port is taken. */
export async function createMediaHost(deps: {
  identity: TlsIdentity;
  faults: Faults;
  port: number;
  kept?: FileStoreOptions;
}): Promise<MediaHost> {
  const { identity, faults } = deps;
  const files = createFileStore(deps.kept);
  const tls = { key: identity.privateKeyPem, cert: identity.certificatePem };
  const server = createServer(tls, createRequestHandler(faults, files));
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(deps.port, LOOPBACK, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const hostname = `${LOOPBACK}:${port}`;
  const placeOf = (name: string, session: string | undefined): MediaPlace => {
    const directPath = `/v/${name}${session === undefined ? '' : `?${SESSION_PARAMETER}=${session}`}`;
    return { url: `https://${hostname}${directPath}`, directPath };
  };
  return {
    hostname,
    port,
    expired: () => files.expired(),
    authFor: (session) => `${AUTH_PREFIX}${session}`,
    store({ name, bytes, session }) {
      files.put(name, bytes);
      return placeOf(name, session);
    },
    find(directPath) {
      const found = files.find(nameIn(directPath));
      return found === 'expired' ? undefined : found;
    },
    expire: (directPath, phoneHasIt) => files.expire(nameIn(directPath), phoneHasIt),
    renew(directPath, session) {
      const name = files.renew(nameIn(directPath));
      return name === undefined ? undefined : placeOf(name, session);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
