import { proto } from '@whiskeysockets/baileys';
import type { Message } from '../../../gateway/src/domain/message.js';
import { findOutgoing } from '../../../gateway/src/whatsapp/outgoing.js';
import { toWhatsApp } from '../../../gateway/src/whatsapp/toWhatsApp.js';
import { messageOf } from '../../store/builders.js';
import { openBed, type Bed } from './bed.js';

const SECRET = Buffer.alloc(32, 5);
const TEXT = { type: 'text' as const, text: { body: 'Hello' } };

const encoded = (message: proto.IMessage): string =>
  Buffer.from(proto.Message.encode(message).finish()).toString('hex');

test('a text says what it says, with the secret of its message', () => {
  const message: Message = { ...messageOf(), position: 1 };
  const wire = toWhatsApp(TEXT, message, SECRET);
  expect(wire.extendedTextMessage?.text).toBe('Hello');
  expect(wire.messageContextInfo?.messageSecret).toEqual(SECRET);
  expect(encoded(toWhatsApp(TEXT, message, SECRET))).toBe(encoded(wire));
});

describe('a resend', () => {
  let bed: Bed;

  beforeEach(async () => {
    bed = await openBed();
  });

  afterEach(() => bed.close());

  test('is the same message byte for byte, also after more tries', async () => {
    const message = await bed.store.messages.insert(messageOf({ waId: '3EB0AA', content: TEXT }));
    const first = await findOutgoing(bed.deps, '3EB0AA');
    await bed.store.messages.update(message.id, ['queued'], { status: 'sent', attempts: 3 });
    const again = await findOutgoing(bed.deps, '3EB0AA');
    if (!first || !again) throw new Error('not found');
    expect(encoded(again)).toBe(encoded(first));
  });

  test('two messages of the same text have secrets of their own', async () => {
    await bed.store.messages.insert(messageOf({ waId: '3EB0AA', content: TEXT }));
    await bed.store.messages.insert(messageOf({ waId: '3EB0BB', content: TEXT }));
    const [one, two] = [await findOutgoing(bed.deps, '3EB0AA'), await findOutgoing(bed.deps, '3EB0BB')];
    expect(one?.messageContextInfo?.messageSecret).not.toEqual(two?.messageContextInfo?.messageSecret);
  });

  test('there is none for what was not sent here', async () => {
    expect(await findOutgoing(bed.deps, '3EB0CC')).toBeNull();
  });
});
