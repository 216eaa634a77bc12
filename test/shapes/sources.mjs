/**
 * The messages that `record.mjs` has the simulated WhatsApp send, one for each shape that reaches a phone, and what the
 * gateway's event must say of it, written by hand. A message is the protobuf's JSON, bytes as base64.
 */
import { businesses } from './sources/businesses.mjs';
import { changes } from './sources/changes.mjs';
import { files } from './sources/files.mjs';
import { others } from './sources/others.mjs';
import { replies } from './sources/replies.mjs';
import { texts } from './sources/texts.mjs';
import { things } from './sources/things.mjs';

/** By name, in the order in which they are sent. */
export const SHAPES = { ...texts, ...files, ...things, ...replies, ...businesses, ...changes, ...others };
