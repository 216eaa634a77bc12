/**
 * What a session needs of files and pages when it sends: a stored file, how it looks, what a link leads to. gateway.ts
 * hands it to the sessions, whose port it fits. Does nothing of its own.
 */
import { lookOf } from './pictures.js';
import type { LinkPreviews } from './preview.js';
import type { Media } from './types.js';

export const createOutgoingMedia = (media: Pick<Media, 'file'>, previews: LinkPreviews) => ({
  /** @throws GatewayError media_not_found, media_not_ready */
  async file(id: string) {
    const { media: found, path } = await media.file(id);
    const { mimeType, filename, sha256 } = found;
    return { path, mimeType, filename, sha256 };
  },
  look: lookOf,
  preview: previews.of,
});
