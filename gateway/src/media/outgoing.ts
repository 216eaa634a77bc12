/**
 * What a session needs of files and pages when it sends: a stored file, how it looks, what a link leads to. gateway.ts
 * hands it to the sessions, whose port it fits. Does nothing of its own.
 */
import type { Looks } from './looks.js';
import type { LinkPreviews } from './preview.js';
import type { Media } from './types.js';

interface OutgoingMediaDeps {
  media: Pick<Media, 'file'>;
  previews: LinkPreviews;
  looks: Looks;
}

export const createOutgoingMedia = ({ media, previews, looks }: OutgoingMediaDeps) => ({
  /** @throws GatewayError media_not_found, media_not_ready */
  async file(id: string) {
    const { media: found, path } = await media.file(id);
    const { mimeType, filename, sha256 } = found;
    return { path, mimeType, filename, sha256 };
  },
  look: looks,
  preview: previews.of,
});
