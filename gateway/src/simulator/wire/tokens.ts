/**
 * The dictionaries and tags of WhatsApp's binary nodes, as the client has them, in the form that `encodeNode.ts` and
 * `decodeNode.ts` read quickest.
 */
import {
  DOUBLE_BYTE_TOKENS,
  SINGLE_BYTE_TOKENS,
  TAGS,
  TOKEN_MAP,
} from '@whiskeysockets/baileys/lib/WABinary/constants.js';

export { DOUBLE_BYTE_TOKENS, SINGLE_BYTE_TOKENS, TAGS };

/** The one or two bytes that stand for a word, as one number: `dictionary << 8 | index`, or the index alone. */
export const TOKENS: ReadonlyMap<string, number> = new Map(
  Object.entries(TOKEN_MAP).map(([word, { dict, index }]) => [
    word,
    dict === undefined ? index : ((TAGS.DICTIONARY_0 + dict) << 8) | index,
  ]),
);

/** What the first byte of an address with a device says of its server, by the server's name; 0 for all others. */
export const DOMAIN_TYPES: ReadonlyMap<string, number> = new Map([
  ['lid', 1],
  ['hosted', 128],
  ['hosted.lid', 129],
]);

/** The same, the other way round. */
export const DOMAIN_SERVERS: ReadonlyMap<number, string> = new Map(
  [...DOMAIN_TYPES].map(([server, type]) => [type, server]),
);
