/**
 * Uploads to and downloads from the media host over HTTPS, as the client of a session makes them.
 */
import { get, request } from 'node:https';
import type { Stage } from './stage.js';

/** Downloads what is there; rejects when the line breaks. */
export function fetchPath(stage: Stage, path: string): Promise<{ status: number; length: number }> {
  const { media } = stage.simulator.world;
  return new Promise((resolve, reject) => {
    get(`https://${media.hostname}${path}`, { ca: stage.simulator.mediaCaPem }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => (length += chunk.length));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, length }));
    }).on('error', reject);
  });
}

/** Uploads as the session does; its status, or why there is none. */
export function upload(stage: Stage, session: string, sizeBytes: number): Promise<number | string> {
  const { media } = stage.simulator.world;
  const url = `https://${media.hostname}/mms/image/${'b'.repeat(43)}?auth=${media.authFor(session)}`;
  return new Promise((resolve) => {
    request(url, { method: 'POST', ca: stage.simulator.mediaCaPem }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
      .end(Buffer.alloc(sizeBytes, 1));
  });
}
