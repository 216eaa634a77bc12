/**
 * Answers with a stored file: ranges and conditional requests (RFC 9110, 13 and 14) by Express, and headers under which
 * whatever a stranger sent can do nothing in a browser. Used by routes/media.
 */
import type { Response } from 'express';
import { gatewayError } from '../domain/error.js';
import type { MediaFile } from '../media/types.js';

/** A file must not run as a page of this origin, whatever it is. */
const HARMLESS = {
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** What browsers show without running anything in it; all else is saved. */
const SHOWN = /^(image\/(jpeg|png|webp|gif)|audio\/[a-z0-9.+-]+|video\/[a-z0-9.+-]+)(;|$)/;

const MISSING =
  'The file is not in the data folder: it has been deleted, or a gateway with a folder of its own has it.';

/** Sets the header by which a browser shows or saves the file. */
function setDisposition(response: Response, { filename, mimeType }: MediaFile): void {
  response.attachment(filename ?? undefined);
  if (!SHOWN.test(mimeType)) return;
  response.set('Content-Disposition', response.get('Content-Disposition')?.replace(/^attachment/, 'inline'));
}

/** What went wrong while the file was sent, as the caller is told. */
function problemOf(error: unknown, response: Response, { sizeBytes }: MediaFile): unknown {
  const { status, code } = error as { status?: unknown; code?: unknown };
  if (status === 416) {
    response.set('Content-Range', `bytes */${String(sizeBytes)}`);
    return gatewayError('range_not_satisfiable', `The file has ${String(sizeBytes)} bytes.`, {
      cause: error,
    });
  }
  if (status === 404) return gatewayError('media_not_found', MISSING, { cause: error });
  // The client has gone; nobody is there to be told.
  return code === 'ECONNABORTED' ? null : error;
}

/**
 * Sends the file, or the part of it that was asked for.
 * @throws GatewayError media_not_found, range_not_satisfiable
 */
export async function sendStoredFile(
  response: Response,
  { media, path }: { media: MediaFile; path: string },
): Promise<void> {
  setDisposition(response, media);
  response.set({ ...HARMLESS, 'Cache-Control': 'private, no-cache' });
  // Not response.type(): it would add a charset to text files whose encoding nobody knows.
  response.setHeader('Content-Type', media.mimeType);
  await new Promise<void>((resolve, reject) => {
    response.sendFile(path, { dotfiles: 'allow', cacheControl: false }, (error: unknown) => {
      const problem = error ? problemOf(error, response, media) : null;
      if (problem === null) resolve();
      else reject(problem instanceof Error ? problem : new Error('the file could not be sent'));
    });
  });
}
