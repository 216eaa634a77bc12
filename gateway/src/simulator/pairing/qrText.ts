/**
 * The text inside a pairing QR code: since Baileys 7 a link with five fields in its fragment, before that the bare list.
 */
export interface QrFields {
  ref: string;
  noiseKey: Buffer;
  identity: Buffer;
  advSecret: Buffer;
}

const KEY_BYTES = 32;

function readKey(field: string | undefined): Buffer | undefined {
  const bytes = Buffer.from(field ?? '', 'base64');
  return bytes.length === KEY_BYTES ? bytes : undefined;
}

/** Reads the text of a QR code, or returns undefined when it is none of WhatsApp's. */
export function parseQrText(text: string): QrFields | undefined {
  const [ref, noise, identity, secret] = text.slice(text.indexOf('#') + 1).split(',');
  const noiseKey = readKey(noise);
  const identityKey = readKey(identity);
  const advSecret = readKey(secret);
  if (!ref || !noiseKey || !identityKey || !advSecret) return undefined;
  return { ref, noiseKey, identity: identityKey, advSecret };
}
