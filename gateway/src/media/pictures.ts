/**
 * Pictures made of pictures: the small one that shows before an image is loaded, and a sticker of any image. sharp reads
 * from the file and works row by row, so that a large image is never wholly in memory.
 */
import type { Readable } from 'node:stream';
import sharp from 'sharp';

export interface Look {
  /** A JPEG of a few kilobytes. */
  thumbnail: Buffer;
  width: number;
  height: number;
}

const THUMBNAIL_PX = 100;
const STICKER_PX = 512;
/** More than any camera makes; beyond it a small file can hold a picture that fills the memory. */
const MOST_PIXELS = 120_000_000;

/** How the image, a file's path or its bytes, shows before it is loaded; null when it cannot be read as one. */
export async function lookOf(source: string | Buffer): Promise<Look | null> {
  try {
    const image = sharp(source, { limitInputPixels: MOST_PIXELS, sequentialRead: true });
    const { width, height, orientation = 1 } = await image.metadata();
    const thumbnail = await image
      .rotate()
      .resize(THUMBNAIL_PX, THUMBNAIL_PX, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 60 })
      .toBuffer();
    // From the fifth on, EXIF's orientations lie on their side.
    return orientation >= 5 ? { thumbnail, width: height, height: width } : { thumbnail, width, height };
  } catch {
    return null;
  }
}

/** The image as a sticker: WebP of 512 by 512 on a clear ground, moving if it moves. Throws while it is read. */
export const toSticker = (path: string): Readable =>
  sharp(path, { animated: true, limitInputPixels: MOST_PIXELS })
    .resize(STICKER_PX, STICKER_PX, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .webp({ quality: 75, effort: 4 });
