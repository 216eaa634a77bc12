/**
 * Binary nodes as bytes: exactly those that the client's own encoder makes (a test compares them), which spends ten times
 * as long on it and leaves an array entry behind for each byte. Called by `channel.ts` for every stanza that leaves.
 */
import { jidDecode, type BinaryNode } from '@whiskeysockets/baileys';
import { DOMAIN_TYPES, TAGS, TOKENS } from './tokens.js';

/** Where nodes are written before they are copied out; it grows and stays. */
let bytes = Buffer.allocUnsafe(16_384);
let end = 0;

function reserve(count: number): void {
  if (end + count <= bytes.length) return;
  const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, end + count));
  bytes.copy(larger, 0, 0, end);
  bytes = larger;
}

function writeByte(value: number): void {
  reserve(1);
  bytes[end++] = value;
}

function writeLength(length: number): void {
  if (length < 256) {
    writeByte(TAGS.BINARY_8);
    writeByte(length);
  } else {
    reserve(5);
    const isShort = length < 2 ** 20;
    bytes[end++] = isShort ? TAGS.BINARY_20 : TAGS.BINARY_32;
    end = bytes.writeUIntBE(length, end, isShort ? 3 : 4);
  }
}

function writeBytes(content: Uint8Array): void {
  writeLength(content.length);
  reserve(content.length);
  bytes.set(content, end);
  end += content.length;
}

function writeRawText(text: string): void {
  const length = Buffer.byteLength(text);
  writeLength(length);
  reserve(length);
  end += bytes.write(text, end, length);
}

const NOT_PACKABLE = 255;

/** Half a byte for each character of the two alphabets, by character code. */
const halves = (alphabet: string): Uint8Array => {
  const table = new Uint8Array(128).fill(NOT_PACKABLE);
  for (let value = 0; value < alphabet.length; value++) table[alphabet.charCodeAt(value)] = value;
  return table;
};
const NIBBLES = halves('0123456789-.');
const HEX = halves('0123456789ABCDEF');
/** Fills the last byte of an odd number of characters. */
const FILLER = 15;

function isMadeOf(table: Uint8Array, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if ((table[text.charCodeAt(at)] ?? NOT_PACKABLE) === NOT_PACKABLE) return false;
  }
  return true;
}

/** Two characters in each byte. */
function writePacked(tag: number, table: Uint8Array, text: string): void {
  const size = Math.ceil(text.length / 2);
  reserve(size + 2);
  bytes[end++] = tag;
  bytes[end++] = text.length % 2 === 0 ? size : size | 128;
  for (let at = 0; at < text.length; at += 2) {
    const low = at + 1 < text.length ? (table[text.charCodeAt(at + 1)] ?? 0) : FILLER;
    bytes[end++] = ((table[text.charCodeAt(at)] ?? 0) << 4) | low;
  }
}

function writeAddress(text: string): void {
  const { user, server, device } = jidDecode(text) ?? { user: '', server: '', device: undefined };
  if (device !== undefined) {
    writeByte(TAGS.AD_JID);
    writeByte(DOMAIN_TYPES.get(server) ?? 0);
    writeByte(device);
    writeText(user);
    return;
  }
  writeByte(TAGS.JID_PAIR);
  if (user === '') writeByte(TAGS.LIST_EMPTY);
  else writeText(user);
  writeText(server);
}

function writeText(text: string): void {
  // The dictionary has the empty text too, which nobody writes with it.
  const token = text === '' ? undefined : TOKENS.get(text);
  if (token !== undefined) {
    if (token > 255) writeByte(token >> 8);
    writeByte(token & 255);
  } else if (text === '' || text.length > TAGS.PACKED_MAX) {
    if (text.includes('@')) writeAddress(text);
    else writeRawText(text);
  } else if (isMadeOf(NIBBLES, text)) {
    writePacked(TAGS.NIBBLE_8, NIBBLES, text);
  } else if (isMadeOf(HEX, text)) {
    writePacked(TAGS.HEX_8, HEX, text);
  } else if (text.includes('@')) {
    writeAddress(text);
  } else {
    writeRawText(text);
  }
}

function writeListStart(size: number): void {
  if (size === 0) {
    writeByte(TAGS.LIST_EMPTY);
  } else if (size < 256) {
    writeByte(TAGS.LIST_8);
    writeByte(size);
  } else {
    writeByte(TAGS.LIST_16);
    reserve(2);
    end = bytes.writeUInt16BE(size, end);
  }
}

function writeNode({ tag, attrs, content }: BinaryNode): void {
  const names = Object.keys(attrs);
  writeListStart(2 * names.length + 1 + (content === undefined ? 0 : 1));
  writeText(tag);
  for (const name of names) {
    writeText(name);
    writeText(attrs[name] ?? '');
  }
  if (typeof content === 'string') {
    writeText(content);
  } else if (content instanceof Uint8Array) {
    writeBytes(content);
  } else if (content) {
    writeListStart(content.length);
    for (const child of content) writeNode(child);
  }
}

/** The node with the byte in front that says that it is not compressed. Attributes are strings; undefined ones were left out. */
export function encodeNode(node: BinaryNode): Buffer {
  end = 0;
  writeByte(0);
  writeNode(node);
  return Buffer.from(bytes.subarray(0, end));
}
