/**
 * A QR code as a PNG: one bit per pixel, written here from the modules that `qrcode` computes. That package's own PNG
 * (1.5.4) takes 100 ms of computing at this size, in which the whole gateway would stand still. Used by routes/qr.
 */
import { crc32, deflateSync } from 'node:zlib';
import QRCode from 'qrcode';

/** Modules of white around the code; readers need some. */
export const MARGIN = 2;
/** Width in pixels that is aimed at; each module gets a whole number of them. */
export const WIDTH = 400;

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Length, name, data and checksum (PNG specification, section 5.3). */
function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** Size, one bit per pixel, grey, no filter method or interlacing to choose. */
function header(side: number): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(side, 0);
  data.writeUInt32BE(side, 4);
  data.writeUInt8(1, 8);
  return chunk('IHDR', data);
}

/** The PNG of `text` as a QR code, about 400 pixels wide. */
export function qrPng(text: string): Buffer {
  const { size, data } = QRCode.create(text, { errorCorrectionLevel: 'M' }).modules;
  const scale = Math.max(2, Math.floor(WIDTH / (size + 2 * MARGIN)));
  const side = (size + 2 * MARGIN) * scale;
  // A line begins with its filter type, 0; all bits set is white.
  const blank = Buffer.alloc(1 + Math.ceil(side / 8), 0xff).fill(0, 0, 1);
  const lines: Buffer[] = Array.from({ length: MARGIN * scale }, () => blank);
  for (let row = 0; row < size; row += 1) {
    const line = Buffer.from(blank);
    for (let x = 0; x < size * scale; x += 1) {
      if (!data[row * size + Math.floor(x / scale)]) continue;
      const at = x + MARGIN * scale;
      const byte = 1 + (at >> 3);
      line[byte] = (line[byte] ?? 0) & ~(0x80 >> (at & 7));
    }
    lines.push(...Array.from({ length: scale }, () => line));
  }
  lines.push(...lines.slice(0, MARGIN * scale));
  return Buffer.concat([
    SIGNATURE,
    header(side),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
