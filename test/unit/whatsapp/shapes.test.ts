/**
 * The pure conversion over the whole folder of recorded shapes: what the real client decrypted from the simulated
 * WhatsApp (`npm run record:shapes`), and the event that each became when it was recorded and looked at.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { proto } from '@whiskeysockets/baileys';
import type { NewEvent } from '../../../gateway/src/domain/event.js';
import type { StanzaAttributes } from '../../../gateway/src/store/inbox.js';
import { decodePlaintext, fromWhatsApp } from '../../../gateway/src/whatsapp/fromWhatsApp.js';
import { MESSAGE_KINDS } from '../../../gateway/src/whatsapp/incoming/types.js';

interface Shape {
  account: { phone: string; lid: string };
  stanza: StanzaAttributes;
  receivedAt: number;
  plaintext: string;
  message: object;
  events?: NewEvent[];
  ignored?: string;
}

const FOLDER = join(import.meta.dirname, '../../shapes/recorded');
const shapes = readdirSync(FOLDER).map((file): [string, Shape] => [
  file.replace('.json', ''),
  JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Shape,
]);

function convert({ account, stanza, receivedAt, plaintext }: Shape) {
  const entry = { position: 1, sessionId: 'shapes', kind: 'message' as const, stanza, receivedAt };
  return fromWhatsApp(
    { ...entry, plaintext: Buffer.from(plaintext, 'base64') },
    { account, ownMessages: false, complete: (identity) => identity, pollOf: () => null },
  );
}

/** As the event log keeps it. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test.each(shapes)('%s', (_name, shape) => {
  const converted = convert(shape);
  if ('ignored' in converted) expect(converted.ignored).toBe(shape.ignored);
  else expect(asJson(converted.events)).toEqual(shape.events);
});

test.each(shapes)('%s is written down as it was decrypted', (_name, shape) => {
  const message = decodePlaintext(Buffer.from(shape.plaintext, 'base64'));
  const readable = proto.Message.toObject(message as proto.Message, {
    longs: Number,
    enums: String,
    bytes: String,
  });
  expect(asJson(readable)).toEqual(shape.message);
});

test('there is a shape of each kind of message, and of each change to one', () => {
  const events = shapes.flatMap(([, shape]) => shape.events ?? []);
  const kinds = new Set(events.map(({ data }) => data.kind));
  expect(MESSAGE_KINDS.filter((kind) => !kinds.has(kind))).toEqual([]);
  const types = new Set(events.map(({ type }) => type));
  expect([...types].sort()).toEqual([
    'message.edited',
    'message.reaction',
    'message.received',
    'message.revoked',
    'poll.vote',
  ]);
});

test('nothing that a person sent is silent', () => {
  const silent = shapes.filter(([, { ignored }]) => ignored !== undefined).map(([name]) => name);
  expect(silent.sort()).toEqual(['album', 'disappearing-setting']);
});
