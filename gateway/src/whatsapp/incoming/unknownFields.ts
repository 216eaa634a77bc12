/**
 * Which field of an encoded protobuf it is that the decoder passed over. Pure; for messages that decode to nothing.
 * Source: the protobuf encoding, developers.google.com/protocol-buffers/docs/encoding (a tag is a varint, field number << 3).
 */
const MORE = 0x80;
const SEVEN_BITS = 0x7f;
const TYPE_BITS = 3;
const MAX_SHIFT = 28;

/** The number of the first field; null when the bytes hold none. */
export function unknownField(bytes: Buffer): number | null {
  let tag = 0;
  for (const [index, byte] of bytes.entries()) {
    const shift = index * 7;
    if (shift > MAX_SHIFT) return null;
    tag += (byte & SEVEN_BITS) * 2 ** shift;
    if ((byte & MORE) === 0) return Math.floor(tag / 2 ** TYPE_BITS);
  }
  return null;
}
