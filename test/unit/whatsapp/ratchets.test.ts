/**
 * Sending to a contact and receiving from it share one ratchet, and several sessions one line in libsignal: no step undoes
 * another or is left to somebody else's transaction.
 */
import { AsyncResource } from 'node:async_hooks';
import { generateSignalPubKey } from '@whiskeysockets/baileys';
import { ProtocolAddress, SessionCipher, type SignalStorage } from 'libsignal';
import type { PreKeyBundle } from '../../../gateway/src/simulator/signal/preKeyBundle.js';
import { createSignalDevice } from '../../../gateway/src/simulator/signal/signalDevice.js';
import { LID, openSessions, PN, SESSION_KEY, SESSIONS, SIGNAL_NAME, writeToEach } from './sides.js';

/** Runs what another part of the program does meanwhile: in no transaction. */
const outside = new AsyncResource('test');
const outsideOf = <Result>(work: () => Result): Result => outside.runInAsyncScope(work);

let opened: Awaited<ReturnType<typeof openSessions>>;

beforeEach(async () => {
  opened = await openSessions();
});

afterEach(() => opened.close());

/** Work of somebody else on the contact's address, for which all other has to wait; the answer ends it. */
function occupyLine(): () => void {
  let end = (): void => undefined;
  const over = new Promise<null>((resolve) => (end = () => resolve(null)));
  const storage = { loadSession: () => over } as Partial<SignalStorage> as SignalStorage;
  const cipher = new SessionCipher(storage, new ProtocolAddress(SIGNAL_NAME, 0));
  cipher.decryptWhisperMessage(Buffer.from('no message')).catch(() => undefined);
  return end;
}

/** A contact's public keys, as rc14 hands them to libsignal. */
const e2eSession = ({ registrationId, identity, signedPreKey, preKey }: PreKeyBundle) => ({
  registrationId,
  identityKey: generateSignalPubKey(identity),
  signedPreKey: {
    keyId: signedPreKey.id,
    publicKey: generateSignalPubKey(signedPreKey.public),
    signature: signedPreKey.signature,
  },
  preKey: { keyId: preKey?.id ?? 0, publicKey: generateSignalPubKey(preKey?.public ?? Buffer.alloc(32)) },
});

const ratchetOf = async (sessionId: string): Promise<string | undefined> =>
  (await opened.store.keyValues.getMany(sessionId, [SESSION_KEY])).get(SESSION_KEY)?.toString();

test('a message that comes while one is sent to its sender: its ratchet is not left to the transaction of the sending', async () => {
  const contact = createSignalDevice('contact');
  const [one] = await writeToEach(contact, opened);
  if (!one) throw new Error('there is no session');
  const { side } = one;
  await side.receive(one.first, 'M1');
  const before = await ratchetOf('s1');
  const second = await contact.encrypt('s1', Buffer.from('second'));
  let release = (): void => undefined;
  const left = new Promise<void>((resolve) => (release = resolve));
  // As rc14 does: the transaction is open until the message has left.
  const sending = side.keys.transaction(async () => {
    await side.repository.encryptMessage({ jid: LID, data: Buffer.from('out') });
    await left;
  }, 'me');
  const plaintext = await side.receive(second, 'M2');
  expect(Buffer.from(plaintext).toString()).toBe('second');
  expect(await ratchetOf('s1')).not.toBe(before);
  release();
  await sending;
});

test('a message that comes while one is sent to its sender: the end of the sending does not undo its ratchet', async () => {
  const contact = createSignalDevice('contact');
  const [one] = await writeToEach(contact, opened);
  if (!one) throw new Error('there is no session');
  const { side } = one;
  await side.repository.lidMapping.storeLIDPNMappings([{ lid: LID, pn: PN }]);
  await side.receive(one.first, 'M1');
  const second = await contact.encrypt('s1', Buffer.from('second'));
  const sent = await side.keys.transaction(async () => {
    // By the phone number, as most are addressed.
    const encrypted = await side.repository.encryptMessage({ jid: PN, data: Buffer.from('out 1') });
    await outsideOf(() => side.receive(second, 'M2'));
    return [encrypted];
  }, 'me');
  await opened.store.inbox.clear('s1');
  await expect(side.receive(second, 'M2')).rejects.toThrow('its plaintext is not kept');
  sent.push(await side.repository.encryptMessage({ jid: LID, data: Buffer.from('out 2') }));
  const texts: string[] = [];
  for (const { type, ciphertext } of sent)
    texts.push((await contact.decrypt('s1', { type, body: Buffer.from(ciphertext) })).toString());
  expect(texts).toEqual(['out 1', 'out 2']);
});

test('sessions that begin anew with a contact at once: each encrypts with its new session', async () => {
  const contact = createSignalDevice('contact');
  const sides = await writeToEach(contact, opened);
  await Promise.all(sides.map(({ side, first }) => side.receive(first, 'M1')));
  const freeLine = occupyLine();
  let inLine = 0;
  const sent = await Promise.all(
    sides.map(({ side: { keys, repository } }, index) => {
      contact.dropSession(SESSIONS[index] ?? '');
      const session = e2eSession(contact.issueBundle());
      return keys.transaction(async () => {
        // Looks at the old one, as rc14 does, which its transaction then remembers.
        await repository.validateSession(LID);
        const injected = repository.injectE2ESession({ jid: LID, session });
        inLine += 1;
        if (inLine === sides.length) freeLine();
        await injected;
        return repository.encryptMessage({ jid: LID, data: Buffer.from(`out ${String(index)}`) });
      }, 'me');
    }),
  );
  for (const [index, { type, ciphertext }] of sent.entries()) {
    const body = Buffer.from(ciphertext);
    const plaintext = await contact.decrypt(SESSIONS[index] ?? '', { type, body });
    expect(plaintext.toString()).toBe(`out ${String(index)}`);
  }
});
