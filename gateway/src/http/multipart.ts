/**
 * The one file of a multipart form, as a stream: what comes is handed on at once and nothing is kept in memory. That the
 * form is whole and holds no second file is known at its end only, so the stream fails there. Used by http/upload.
 */
import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { gatewayError } from '../domain/error.js';
import { bodyOf } from './body.js';

export interface FormFile {
  /** @throws GatewayError invalid_request while it is read, when the form turns out not to fit */
  stream: Readable;
  filename: string | undefined;
  mimeType: string | undefined;
}

/** Beside the one file there may be some plain fields, which are not looked at. */
const LIMITS = { files: 2, fields: 50, parts: 60, fieldSize: 64 * 1024, headerPairs: 50 };

const misfit = (message: string, cause?: unknown): Error =>
  gatewayError('invalid_request', undefined, { errors: [{ path: '', message }], cause });

const unreadable = (cause?: unknown): Error => misfit('is not a multipart form that can be read', cause);
const notOne = (): Error => misfit('must hold exactly one file');

/** Browsers write quotes and line ends in a name as %22, %0D and %0A (HTML, "multipart/form-data encoding"). */
const plainName = (name: string | undefined): string | undefined =>
  name?.replace(/%22/g, '"').replace(/%0[DA]/gi, '');

function openForm(request: IncomingMessage): BusboyInstance {
  try {
    return new Busboy({ headers: request.headers as BusboyHeaders, limits: LIMITS, preservePath: true });
  } catch (error) {
    throw unreadable(error);
  }
}

interface Fed {
  /** Settles when the whole form was read. */
  done: Promise<void>;
  stop: () => void;
}

function feed(request: IncomingMessage, form: BusboyInstance): Fed {
  const stopping = new AbortController();
  const done = pipeline(bodyOf(request), form, { signal: stopping.signal }).catch((error: unknown) => {
    throw unreadable(error);
  });
  // Whoever waits for it is told; until then it must not count as unhandled.
  done.catch(() => undefined);
  return {
    done,
    stop: () => {
      stopping.abort();
    },
  };
}

/** The file's chunks; after the last of them the rest of the form is read and judged. */
function wholeOnly(file: Readable, { done, stop }: Fed, isOnly: () => boolean): Readable {
  const stream = new PassThrough({
    flush(callback) {
      done.then(() => {
        callback(isOnly() ? null : notOne());
      }, callback);
    },
  });
  // A client that goes away ends the form, and the form tells the file's stream nothing of it.
  done.catch((error: unknown) => stream.destroy(error as Error));
  stream.once('close', stop);
  return file.pipe(stream);
}

/** @throws GatewayError invalid_request */
export async function readForm(request: IncomingMessage): Promise<FormFile> {
  const form = openForm(request);
  let files = 0;
  const first = new Promise<FormFile & { file: Readable }>((resolve) => {
    form.on('file', (...found) => {
      const [, file, filename, , mimeType] = found;
      files += 1;
      file.on('error', () => undefined);
      if (files > 1) file.resume();
      else resolve({ stream: file, file, filename: plainName(filename), mimeType });
    });
  });
  const fed = feed(request, form);
  const found = await Promise.race([first, fed.done]);
  if (!found) throw notOne();
  const stream = wholeOnly(found.file, fed, () => files === 1);
  return { stream, filename: found.filename, mimeType: found.mimeType };
}
