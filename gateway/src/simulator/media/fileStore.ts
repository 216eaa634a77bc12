/**
 * The files of the media host, in memory up to a limit; with a folder also there, so that they survive a restart. An
 * expired file is no longer served, but the phone that sent or got it may still have it and can upload it again.
 */
import { randomBytes } from 'node:crypto';
import { createKeptFiles } from './keptFiles.js';

const MAX_STORED_BYTES = 512 * 1024 * 1024;

interface StoredFile {
  bytes: Buffer;
  isServed: boolean;
}

export interface FileStore {
  put(name: string, bytes: Buffer): void;
  /** What is served under the name; `expired` when it was once. */
  find(name: string): Buffer | 'expired' | undefined;
  /** Takes a file off the host; `phoneHasIt` decides whether it can come back. False when there is none. */
  expire(name: string, phoneHasIt: boolean): boolean;
  /** Serves an expired (or any other) file under a new name, which is returned; undefined when nobody has it. */
  renew(name: string): string | undefined;
  /** Names of the files that are no longer served; with the folder it is all that a restart needs. */
  expired(): string[];
}

export interface FileStoreOptions {
  /** Where files are kept over restarts; without it they are not. */
  directory?: string | undefined;
  /** Those of an earlier run that are no longer served. */
  expired?: string[] | undefined;
}

/** What is in the folder, or an empty host; the oldest files go when the limit is reached. */
export function createFileStore({ directory, expired = [] }: FileStoreOptions = {}): FileStore {
  const kept = directory === undefined ? undefined : createKeptFiles(directory);
  const files = new Map<string, StoredFile>();
  let storedBytes = 0;
  const forget = (name: string): void => {
    storedBytes -= files.get(name)?.bytes.length ?? 0;
    files.delete(name);
  };
  const hold = (name: string, bytes: Buffer): void => {
    forget(name);
    files.set(name, { bytes, isServed: true });
    storedBytes += bytes.length;
    for (const oldest of files.keys()) {
      if (storedBytes <= MAX_STORED_BYTES || oldest === name) break;
      forget(oldest);
      kept?.remove(oldest);
    }
  };
  const put = (name: string, bytes: Buffer): void => {
    hold(name, bytes);
    kept?.write(name, bytes);
  };
  for (const { name, bytes } of kept?.readAll() ?? []) hold(name, bytes);
  for (const name of expired) {
    const file = files.get(name);
    if (file) file.isServed = false;
    else files.set(name, { bytes: Buffer.alloc(0), isServed: false });
  }
  return {
    put,
    find(name) {
      const file = files.get(name);
      return file && (file.isServed ? file.bytes : 'expired');
    },
    expire(name, phoneHasIt) {
      const file = files.get(name);
      if (!file) return false;
      file.isServed = false;
      if (phoneHasIt) return true;
      storedBytes -= file.bytes.length;
      file.bytes = Buffer.alloc(0);
      kept?.remove(name);
      return true;
    },
    renew(name) {
      const file = files.get(name);
      if (!file || file.bytes.length === 0) return undefined;
      const renewed = randomBytes(32).toString('base64url');
      put(renewed, file.bytes);
      return renewed;
    },
    expired: () => [...files].filter(([, { isServed }]) => !isServed).map(([name]) => name),
  };
}
