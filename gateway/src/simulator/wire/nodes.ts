/**
 * Small builders for WhatsApp's binary nodes, so that stanzas read like the XML they stand for.
 * Text goes in as bytes: the encoder would shorten strings to dictionary tokens or JIDs.
 */
import type { BinaryNode } from '@whiskeysockets/baileys';

export type { BinaryNode };

/** The server's own JID has an empty user part; clients compare for exactly this text. */
export const SERVER_JID = '@s.whatsapp.net';

/** Attribute values; undefined ones are left out of the stanza. */
export type Attributes = Record<string, string | number | undefined>;

/** A node; numbers become strings because the encoder corrupts stanzas with anything else. */
export function node(tag: string, attributes: Attributes = {}, content?: BinaryNode[] | Buffer): BinaryNode {
  const attrs: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) attrs[name] = String(value);
  }
  return content === undefined ? { tag, attrs } : { tag, attrs, content };
}

/** A node whose content is text. */
export const textNode = (tag: string, text: string): BinaryNode => node(tag, {}, Buffer.from(text));

const NO_CHILDREN: readonly BinaryNode[] = [];

/** All children, none when the node is missing or has other content. */
export const allChildren = (parent: BinaryNode | undefined): readonly BinaryNode[] =>
  Array.isArray(parent?.content) ? parent.content : NO_CHILDREN;

/** The children of that name, in their order. */
export const childrenOf = (parent: BinaryNode | undefined, tag: string): BinaryNode[] =>
  allChildren(parent).filter((child) => child.tag === tag);

/** The first child of that name. */
export const childOf = (parent: BinaryNode | undefined, tag: string): BinaryNode | undefined =>
  allChildren(parent).find((child) => child.tag === tag);

/** Text content of a child, or undefined. */
export function childText(parent: BinaryNode, tag: string): string | undefined {
  const content = childOf(parent, tag)?.content;
  if (typeof content === 'string') return content;
  return content instanceof Uint8Array ? Buffer.from(content).toString() : undefined;
}

/** Bytes of a child, or undefined. */
export function childBytes(parent: BinaryNode | undefined, tag: string): Buffer | undefined {
  const content = childOf(parent, tag)?.content;
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof Uint8Array ? Buffer.from(content) : undefined;
}

/** A number written as `length` bytes, big endian. */
export function bigEndian(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

/** The present time as stanzas carry it: whole seconds since 1970. */
export const stanzaTime = (): string => String(Math.floor(Date.now() / 1000));
