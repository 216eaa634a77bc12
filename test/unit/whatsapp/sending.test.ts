import { gatewayError } from '../../../gateway/src/domain/error.js';
import type { MessageContent, SendOutcome } from '../../../gateway/src/domain/message.js';
import { createSending, type SendingDeps } from '../../../gateway/src/whatsapp/sending.js';
import type { WhatsAppSession } from '../../../gateway/src/whatsapp/session.js';
import { messageOf } from '../../store/builders.js';
import { eventually } from '../../support/eventually.js';
import { openBed, type Bed } from './bed.js';

const JID = '4915112345678@s.whatsapp.net';
const IMAGE: MessageContent = { type: 'image', image: { mediaId: 'med_1', mimeType: 'image/png' } };

let bed: Bed;
let open: boolean;
let relayed: unknown[];
let devices: () => Promise<{ jid: string }[]>;
let presence: () => Promise<void>;
let lookUp: SendingDeps['recipients']['lookUp'];

beforeEach(async () => {
  bed = await openBed();
  open = true;
  relayed = [];
  presence = () => Promise.resolve();
  devices = () => Promise.resolve([{ jid: JID }]);
  lookUp = () => Promise.resolve({ exists: true, phone: '4915112345678', jid: JID, lid: null });
});

afterEach(() => bed.close());

const session = (): WhatsAppSession =>
  ({
    isOpen: () => open,
    pairingEndsAt: () => null,
    client: {
      getUSyncDevices: () => devices(),
      sendPresenceUpdate: (state: string, to: string) => {
        relayed.push([state, to]);
        return presence();
      },
    },
    relay: (stanza: unknown): Promise<SendOutcome> => {
      relayed.push(stanza);
      return Promise.resolve({ kind: 'accepted' });
    },
  }) as unknown as WhatsAppSession;

const send = (live: WhatsAppSession | null, content?: MessageContent, typingMs = 0) =>
  createSending({ ...bed.deps, recipients: { lookUp: (...question) => lookUp(...question) } })(
    live,
    { ...messageOf({ waId: '3EB0AA', ...(content && { content }) }), position: 1 },
    { typingMs },
  );

test('relays under the WhatsApp id that was chosen before', async () => {
  expect(await send(session())).toEqual({ kind: 'accepted' });
  expect(relayed).toEqual([expect.objectContaining({ jid: JID, waId: '3EB0AA' })]);
});

test('somebody is seen typing before the message, for as long as was said', async () => {
  const sending = send(session(), undefined, 3_000);
  await eventually('typing', () => bed.clock.pending() > 0);
  expect(relayed).toEqual([['composing', JID]]);
  bed.clock.advance(2_999);
  expect(relayed).toHaveLength(1);
  bed.clock.advance(1);
  expect(await sending).toEqual({ kind: 'accepted' });
  expect(relayed[1]).toMatchObject({ waId: '3EB0AA' });
});

test('a message goes also when typing cannot be shown', async () => {
  presence = () => Promise.reject(new Error('no presence'));
  const sending = send(session(), undefined, 1);
  await eventually('typing', () => bed.clock.pending() > 0);
  bed.clock.advance(1);
  expect(await sending).toEqual({ kind: 'accepted' });
  expect(bed.errors).toHaveLength(1);
});

test('without a live socket the outcome is unknown', async () => {
  const disconnected = { kind: 'unknown', reason: 'disconnected' };
  expect(await send(null)).toEqual(disconnected);
  open = false;
  expect(await send(session())).toEqual(disconnected);
});

test('a number that is not on WhatsApp is rejected for good', async () => {
  lookUp = () => Promise.resolve({ exists: false, phone: '4915112345678', jid: null, lid: null });
  expect(await send(session())).toMatchObject({ kind: 'rejected', code: 'recipient_not_on_whatsapp' });
});

test('nothing is sent without the list of devices', async () => {
  devices = () => Promise.resolve([]);
  expect(await send(session())).toEqual({ kind: 'unknown', reason: 'no_answer' });
  expect(relayed).toEqual([]);
});

test('a device list that does not come is no answer, not a failed send', async () => {
  devices = () => Promise.reject(new Error('Timed Out'));
  expect(await send(session())).toEqual({ kind: 'unknown', reason: 'no_answer' });
  expect(bed.errors).toHaveLength(1);
});

test('a link that breaks while WhatsApp is asked says nothing about the message', async () => {
  devices = () => {
    open = false;
    return Promise.reject(new Error('Connection Closed'));
  };
  expect(await send(session())).toEqual({ kind: 'unknown', reason: 'disconnected' });
  expect(bed.errors).toEqual([]);
});

test('a file that is gone fails the message at once, with its own reason', async () => {
  bed.deps.media.file = () => Promise.reject(gatewayError('media_not_found'));
  expect(await send(session(), IMAGE)).toMatchObject({
    kind: 'rejected',
    code: 'media_not_found',
    retryable: false,
  });
});

test('a link that breaks during the upload says nothing about the message', async () => {
  bed.deps.media.file = () => {
    open = false;
    return Promise.reject(new Error('Connection Closed'));
  };
  expect(await send(session(), IMAGE)).toEqual({ kind: 'unknown', reason: 'disconnected' });
});

test('anything else that is thrown is a bug and is passed on', async () => {
  bed.deps.media.file = () => Promise.reject(new TypeError('a bug'));
  await expect(send(session(), IMAGE)).rejects.toThrow('a bug');
});
