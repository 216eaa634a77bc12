/**
 * The camera of a simulated phone: finds the QR code in a picture, such as a screenshot of the page that shows it.
 * Called by the control route for scanning.
 */
/** Larger pictures are made smaller first; a code that fills a fair part of a screen stays readable. */
const MAX_SIDE_PIXELS = 2000;
const MAX_INPUT_PIXELS = 50_000_000;
const SEARCH_LIMIT_MS = 2000;

/** The text of the QR code in the picture (PNG, JPEG, WebP, GIF or SVG), or undefined when none can be read. */
export async function readQrPicture(picture: Buffer): Promise<string | undefined> {
  // Loaded when the first picture comes: most simulators never see one.
  const [{ default: sharp }, { default: decodeQr }] = await Promise.all([
    import('sharp'),
    import('qr/decode.js'),
  ]);
  try {
    const { data, info } = await sharp(picture, { limitInputPixels: MAX_INPUT_PIXELS })
      .flatten({ background: 'white' })
      .resize({ width: MAX_SIDE_PIXELS, height: MAX_SIDE_PIXELS, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return decodeQr({ width: info.width, height: info.height, data }, { timeLimit: SEARCH_LIMIT_MS });
  } catch {
    // Neither library says more than that it found nothing.
    return undefined;
  }
}
