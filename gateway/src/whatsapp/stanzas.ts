/**
 * Parts of a stanza as they are kept in the inbox: names, attributes and parts, texts as texts. Pure; written by `inbox`,
 * read by the conversions.
 */
import type { BinaryNode } from '@whiskeysockets/baileys';

export interface StanzaPart {
  tag: string;
  attrs: Record<string, string>;
  text: string | null;
  parts: StanzaPart[];
}

const textOf = (content: BinaryNode['content']): string | null => {
  if (typeof content === 'string') return content;
  return content instanceof Uint8Array ? Buffer.from(content).toString('utf8') : null;
};

const toPart = ({ tag, attrs, content }: BinaryNode): StanzaPart => ({
  tag,
  attrs,
  text: textOf(content),
  parts: partsOf({ content }),
});

/** What a stanza carries. */
export const partsOf = ({ content }: Pick<BinaryNode, 'content'>): StanzaPart[] =>
  Array.isArray(content) ? content.map(toPart) : [];

export const encodeParts = (parts: StanzaPart[]): Buffer => Buffer.from(JSON.stringify(parts), 'utf8');

/** The parts that `encodeParts` wrote. */
export const decodeParts = (bytes: Buffer): StanzaPart[] =>
  JSON.parse(bytes.toString('utf8')) as StanzaPart[];
