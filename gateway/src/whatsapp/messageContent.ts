/**
 * The content of a decrypted WhatsApp message: its kind, text and parts, taken out of all wrappers. Pure.
 * What it does not know becomes `unsupported` with the type's name: never silence.
 */
import type { proto } from '@whiskeysockets/baileys';
import { readButtons, readInteractive, readList, readStructured, readTemplate } from './incoming/business.js';
import { createProtocolReader, readReaction, readVote, silent } from './incoming/changes.js';
import * as parts from './incoming/parts.js';
import { readButtonReply, readFlowReply, readListReply } from './incoming/replies.js';
import type { Content, Reader } from './incoming/types.js';
import { unwrap } from './incoming/wrappers.js';

/** Says how many pictures follow, each a message of its own. */
const readAlbum: Reader = ({ albumMessage }) =>
  albumMessage ? silent('it announces an album, whose pictures are messages of their own') : null;

const READERS: Reader[] = [
  parts.readText,
  parts.readMedia,
  readReaction,
  readVote,
  createProtocolReader((message) => readContent(message)),
  parts.readLocation,
  parts.readContacts,
  parts.readPoll,
  readButtonReply,
  readListReply,
  readFlowReply,
  readTemplate,
  readStructured,
  readButtons,
  readList,
  readInteractive,
  parts.readInvite,
  parts.readProduct,
  parts.readOrder,
  parts.readCalendarEvent,
  readAlbum,
];

const KEY_PARTS = ['senderKeyDistributionMessage', 'fastRatchetKeySenderKeyDistributionMessage'];
/** Parts that carry no message of a person. */
const SILENT_PARTS = [...KEY_PARTS, 'messageContextInfo'];

/** Reads a decoded message, in whatever envelopes it came. */
export function readContent(message: proto.IMessage): Content {
  const { inner } = unwrap(message);
  for (const read of READERS) {
    const content = read(inner);
    if (content) return content;
  }
  const present = Object.entries(inner)
    .filter(([, part]) => part !== null && part !== undefined)
    .map(([name]) => name);
  const typeName = present.find((name) => !SILENT_PARTS.includes(name));
  if (typeName !== undefined) return { kind: 'unsupported', typeName };
  const isKey = present.some((name) => KEY_PARTS.includes(name));
  return silent(isKey ? 'a key for messages to come' : 'a message without content', isKey);
}
