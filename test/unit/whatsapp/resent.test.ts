/**
 * What the own phone hands over of messages that this device could not decrypt, and what nobody else may.
 */
import { proto } from '@whiskeysockets/baileys';
import { decodePlaintext } from '../../../gateway/src/whatsapp/fromWhatsApp.js';
import { resentIn } from '../../../gateway/src/whatsapp/resent.js';
import { openTestStore, type TestStore } from '../../support/testStore.js';
import { addSessions, NOW } from '../../store/builders.js';

const ME = '4915550017001';
const BOB = '4915550017002@s.whatsapp.net';
const MISSING = { id: 'M1', from: BOB, t: '1767225600', notify: 'Bob' };

let opened: TestStore;

beforeEach(async () => {
  opened = await openTestStore();
  const { store } = opened;
  await addSessions(store, 's1');
  await store.sessions.setStatus('s1', {
    status: 'connected',
    reason: null,
    since: NOW,
    phone: ME,
    lid: '99@lid',
  });
  await store.undecrypted.add('s1', { stanza: MISSING, firstSeenAt: NOW });
});

afterEach(() => opened.close());

/** The answer of a phone, decrypted: `texts` by message id. */
function answer(texts: Record<string, string>): Buffer {
  const peerDataOperationResult = Object.entries(texts).map(([id, conversation]) => {
    const info = { key: { id, remoteJid: BOB, fromMe: false }, message: { conversation } };
    const bytes = proto.WebMessageInfo.encode(proto.WebMessageInfo.fromObject(info)).finish();
    return { placeholderMessageResendResponse: { webMessageInfoBytes: bytes } };
  });
  const message = {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: { stanzaId: 'R1', peerDataOperationResult },
    },
  };
  return Buffer.concat([proto.Message.encode(message).finish(), Buffer.from([1])]);
}

const resent = (plaintext: Buffer, from = `${ME}@s.whatsapp.net`) =>
  resentIn({ store: opened.store, sessionId: 's1' }, { id: 'P1', from, category: 'peer' }, plaintext);

test('a message that is missing, under the stanza that came first', async () => {
  const [row, ...more] = await resent(answer({ M1: 'found again', M2: 'not missing' }));
  expect(more).toEqual([]);
  expect(row?.stanza).toEqual(MISSING);
  expect(decodePlaintext(row?.plaintext ?? Buffer.alloc(0))?.conversation).toBe('found again');
});

test.each(['99@lid', `${ME}:0@s.whatsapp.net`])('the phone is known by %s too', async (from) => {
  expect(await resent(answer({ M1: 'found again' }), from)).toHaveLength(1);
});

test.each([BOB, '77@lid', 'nonsense', ''])('nobody else may hand it over: %s', async (from) => {
  expect(await resent(answer({ M1: 'forged' }), from)).toEqual([]);
});

test('a message that was reported as missing is still wanted', async () => {
  await opened.store.undecrypted.setReported('s1', MISSING, NOW + 1);
  expect(await resent(answer({ M1: 'late' }))).toHaveLength(1);
});

test('other messages of the phone bring nothing', async () => {
  const empty = proto.Message.encode({ protocolMessage: { key: { id: 'M1' } } }).finish();
  expect(await resent(Buffer.concat([empty, Buffer.from([1])]))).toEqual([]);
  expect(await resent(Buffer.from([0]))).toEqual([]);
});
