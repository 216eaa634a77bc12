/**
 * Binary nodes from bytes: the same that the client's own decoder reads (a test compares them), without its thirty closures
 * for each node, and with an end to what compressed bytes may unfold to. Called by `channel.ts` for every frame.
 */
import { inflateSync } from 'node:zlib';
import { jidEncode, type BinaryNode } from '@whiskeysockets/baileys';
import { DOMAIN_SERVERS, DOUBLE_BYTE_TOKENS, SINGLE_BYTE_TOKENS, TAGS } from './tokens.js';

/** Bit of the first byte that says that the rest is compressed. */
const COMPRESSED = 2;
/** Far above anything a client sends, far below what could hurt. */
const MAX_NODE_BYTES = 16 * 1024 * 1024;
/** Deeper than any stanza, and no danger to the stack. */
const MAX_DEPTH = 64;

interface Reader {
  bytes: Buffer;
  at: number;
}

function readByte(reader: Reader): number {
  const value = reader.bytes[reader.at++];
  if (value === undefined) throw new Error('a node ends too early');
  return value;
}

function readBytes(reader: Reader, count: number): Buffer {
  const from = reader.at;
  reader.at += count;
  if (reader.at > reader.bytes.length) throw new Error('a node ends too early');
  return reader.bytes.subarray(from, reader.at);
}

const readNumber = (reader: Reader, size: number): number => readBytes(reader, size).readUIntBE(0, size);

/** The number of bytes that a tag announces; undefined when the tag announces no bytes. */
function readLength(reader: Reader, tag: number): number | undefined {
  if (tag === TAGS.BINARY_8) return readByte(reader);
  if (tag === TAGS.BINARY_20) return readNumber(reader, 3) & 0xfffff;
  if (tag === TAGS.BINARY_32) return readNumber(reader, 4);
  return undefined;
}

const NIBBLES = '0123456789-.';
const HEX = '0123456789ABCDEF';

/** Two characters in each byte; an odd number leaves the last half empty. */
function readPacked(reader: Reader, alphabet: string): string {
  const start = readByte(reader);
  const packed = readBytes(reader, start & 127);
  const isOdd = start > 127;
  let text = '';
  for (let at = 0; at < packed.length; at++) {
    const pair = packed[at] ?? 0;
    const high = alphabet[pair >> 4];
    const low = isOdd && at === packed.length - 1 ? '' : alphabet[pair & 15];
    if (high === undefined || low === undefined) throw new Error('a packed text has no such character');
    text += high + low;
  }
  return text;
}

function readDeviceAddress(reader: Reader): string {
  const server = DOMAIN_SERVERS.get(readByte(reader)) ?? 's.whatsapp.net';
  const device = readByte(reader);
  return jidEncode(readText(reader), server as Parameters<typeof jidEncode>[1], device);
}

function readAddress(reader: Reader): string {
  const user = readText(reader);
  const server = readText(reader);
  if (server === '') throw new Error('an address has no server');
  return `${user}@${server}`;
}

function readMessengerAddress(reader: Reader): string {
  const user = readText(reader);
  const device = readNumber(reader, 2);
  return `${user}:${device}@${readText(reader)}`;
}

const isDictionary = (tag: number): boolean => tag >= TAGS.DICTIONARY_0 && tag <= TAGS.DICTIONARY_3;

function readText(reader: Reader, tag = readByte(reader)): string {
  const token = SINGLE_BYTE_TOKENS[tag];
  if (tag > 0 && token !== undefined) return token;
  if (isDictionary(tag)) {
    const word = DOUBLE_BYTE_TOKENS[tag - TAGS.DICTIONARY_0]?.[readByte(reader)];
    if (word === undefined) throw new Error('no dictionary has this word');
    return word;
  }
  if (tag === TAGS.JID_PAIR) return readAddress(reader);
  if (tag === TAGS.AD_JID) return readDeviceAddress(reader);
  if (tag === TAGS.NIBBLE_8) return readPacked(reader, NIBBLES);
  if (tag === TAGS.HEX_8) return readPacked(reader, HEX);
  if (tag === TAGS.FB_JID) return readMessengerAddress(reader);
  if (tag === TAGS.LIST_EMPTY) return '';
  const length = readLength(reader, tag);
  if (length === undefined) throw new Error(`no text begins with ${tag}`);
  return readBytes(reader, length).toString('utf8');
}

/** The number of entries that a tag announces; undefined when it begins no list. */
function readListSize(reader: Reader, tag: number): number | undefined {
  if (tag === TAGS.LIST_EMPTY) return 0;
  if (tag === TAGS.LIST_8) return readByte(reader);
  if (tag === TAGS.LIST_16) return readNumber(reader, 2);
  return undefined;
}

function readContent(reader: Reader, depth: number): BinaryNode['content'] {
  const tag = readByte(reader);
  const size = readListSize(reader, tag);
  if (size !== undefined) {
    const children: BinaryNode[] = [];
    for (let count = 0; count < size; count++) children.push(readNode(reader, depth + 1));
    return children;
  }
  const length = readLength(reader, tag);
  return length === undefined ? readText(reader, tag) : readBytes(reader, length);
}

function readNode(reader: Reader, depth: number): BinaryNode {
  if (depth > MAX_DEPTH) throw new Error('nodes are nested too deeply');
  const size = readListSize(reader, readByte(reader));
  if (!size) throw new Error('a node begins with its size');
  const tag = readText(reader);
  if (tag === '') throw new Error('a node has no tag');
  const attrs: Record<string, string> = {};
  for (let rest = (size - 1) >> 1; rest > 0; rest--) {
    const name = readText(reader);
    attrs[name] = readText(reader);
  }
  return size % 2 === 0 ? { tag, attrs, content: readContent(reader, depth) } : { tag, attrs };
}

/** The node in a decrypted frame. @throws when malformed. */
export function decodeNode(frame: Buffer): BinaryNode {
  const reader: Reader = { bytes: frame, at: 0 };
  if ((readByte(reader) & COMPRESSED) !== 0) {
    reader.bytes = inflateSync(frame.subarray(1), { maxOutputLength: MAX_NODE_BYTES });
    reader.at = 0;
  }
  return readNode(reader, 0);
}
