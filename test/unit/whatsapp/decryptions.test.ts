/**
 * A ratchet that has moved on without its plaintext is a lost message: whenever one is committed, the other is.
 * With Baileys' own repository and transactions, libsignal, and a contact that encrypts.
 */
import {
  addTransactionCapability,
  generateSignalPubKey,
  MISSING_KEYS_ERROR_TEXT,
  type BinaryNode,
  type SignalKeyStoreWithTransaction,
} from '@whiskeysockets/baileys';
import { ProtocolAddress, SessionCipher, type SignalStorage } from 'libsignal';
import type { Fence } from '../../../gateway/src/domain/session.js';
import { createLogger } from '../../../gateway/src/lib/logger.js';
import type { PreKeyBundle } from '../../../gateway/src/simulator/signal/preKeyBundle.js';
import {
  createSignalDevice,
  type Ciphertext,
  type SignalDevice,
} from '../../../gateway/src/simulator/signal/signalDevice.js';
import type { Store } from '../../../gateway/src/store/index.js';
import { createBaileysLogger } from '../../../gateway/src/whatsapp/baileysLogger.js';
import { openAuthState } from '../../../gateway/src/whatsapp/authState.js';
import { createInbox } from '../../../gateway/src/whatsapp/inbox.js';
import { createFakeClock } from '../../support/fakeClock.js';
import { openTestStore, type TestStore } from '../../support/testStore.js';
import { addSessions } from '../../store/builders.js';

const LID = '169055635606604@lid';
const SIGNAL_NAME = '169055635606604_1';
const SESSION_KEY = `session:${SIGNAL_NAME}.0`;
const PREKEY_ID = 7;
const SESSIONS = ['s1', 's2', 's3'];

const clock = createFakeClock();
const logger = createBaileysLogger(createLogger('silent'));
let opened: TestStore;
let fences: Fence[];

beforeEach(async () => {
  opened = await openTestStore();
  await addSessions(opened.store, ...SESSIONS);
  fences = await opened.store.leases.takeFree({ owner: 'me', now: clock.now(), ttlMs: 60_000 });
});

afterEach(() => opened.close());

/** What each commit left of a session: whether its ratchet stands in the database, and how many plaintexts. */
interface Commit {
  sessionId: string;
  ratchet: boolean;
  plaintexts: number;
}

/** A store that looks, at the end of each transaction, at what is about to be committed. */
function watchedStore(commits: Commit[]): Store {
  const { store } = opened;
  return {
    ...store,
    transaction: (work) =>
      store.transaction(async (tx) => {
        const result = await work(tx);
        for (const sessionId of SESSIONS) {
          const found = await tx.keyValues.getMany(sessionId, [SESSION_KEY]);
          const { length } = await tx.inbox.pending(sessionId, 10);
          commits.push({ sessionId, ratchet: found.has(SESSION_KEY), plaintexts: length });
        }
        return result;
      }),
  };
}

/** One session's side of it, from the stanza to its database. */
async function openSide(store: Store, fence: Fence) {
  const failures: unknown[] = [];
  const onFailed = (error: unknown): void => void failures.push(error);
  const inbox = createInbox({
    store,
    clock,
    sessionId: fence.sessionId,
    onStored: () => undefined,
    onFailed,
  });
  const auth = await openAuthState({ store, clock, fence, alongside: inbox.alongside, onFailed });
  const { creds } = auth.state;
  const keys: SignalKeyStoreWithTransaction = addTransactionCapability(auth.state.keys, logger, {
    maxCommitRetries: 1,
    delayBetweenTriesMs: 1,
  });
  const { public: preKey, private: privateKey } = creds.pairingEphemeralKeyPair;
  await keys.set({ 'pre-key': { [PREKEY_ID]: { public: preKey, private: privateKey } } });
  const repository = inbox.makeSignalRepository({ creds, keys }, logger, () => Promise.resolve(undefined));
  return {
    failures,
    keys,
    repository,
    bundle: {
      registrationId: creds.registrationId,
      identity: Buffer.from(creds.signedIdentityKey.public),
      signedPreKey: {
        id: creds.signedPreKey.keyId,
        public: Buffer.from(creds.signedPreKey.keyPair.public),
        signature: Buffer.from(creds.signedPreKey.signature),
      },
      preKey: { id: PREKEY_ID, public: Buffer.from(preKey) },
    },
    receive({ type, body }: Ciphertext, id: string): Promise<Uint8Array> {
      const enc: BinaryNode = { tag: 'enc', attrs: { type }, content: body };
      inbox.observe({ tag: 'message', attrs: { id, from: LID }, content: [enc] });
      return repository.decryptMessage({ jid: LID, type, ciphertext: body });
    },
  };
}

type Side = Awaited<ReturnType<typeof openSide>>;

/** A contact with a Signal session for each side, and its first message to each. */
async function writeToEach(
  contact: SignalDevice,
  store: Store,
): Promise<{ side: Side; first: Ciphertext }[]> {
  return Promise.all(
    fences.map(async (fence) => {
      const side = await openSide(store, fence);
      await contact.startSession(fence.sessionId, side.bundle);
      return { side, first: await contact.encrypt(fence.sessionId, Buffer.from(fence.sessionId)) };
    }),
  );
}

test('a contact that writes to several sessions at once: no ratchet is committed without its plaintext', async () => {
  const commits: Commit[] = [];
  const store = watchedStore(commits);
  const contact = createSignalDevice('contact');
  const messages = await writeToEach(contact, store);
  const plaintexts = await Promise.all(
    messages.map(({ side, first }, index) => side.receive(first, `M${String(index)}`)),
  );
  expect(plaintexts.map((plaintext) => Buffer.from(plaintext).toString())).toEqual(
    fences.map(({ sessionId }) => sessionId),
  );
  expect(commits.filter(({ ratchet, plaintexts: kept }) => ratchet && kept === 0)).toEqual([]);
  expect(SESSIONS.map((id) => commits.findLast(({ sessionId }) => sessionId === id))).toEqual(
    SESSIONS.map((sessionId) => ({ sessionId, ratchet: true, plaintexts: 1 })),
  );
  expect(messages.flatMap(({ side }) => side.failures)).toEqual([]);
});

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
  const [one] = await writeToEach(contact, opened.store);
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

test('sessions that begin anew with a contact at once: each encrypts with its new session', async () => {
  const contact = createSignalDevice('contact');
  const sides = await writeToEach(contact, opened.store);
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

test('a message whose key is used up and of which nothing is kept is not refused as one that was dealt with', async () => {
  const contact = createSignalDevice('contact');
  const [one] = await writeToEach(contact, opened.store);
  if (!one) throw new Error('there is no session');
  const { side, first } = one;
  await side.receive(first, 'M1');
  // Again, and kept: answered from the table.
  expect(Buffer.from(await side.receive(first, 'M1')).toString()).toBe('s1');
  await opened.store.inbox.clear('s1');
  // With rc14's own text the message would be acknowledged with an error, and never be asked for.
  await expect(side.receive(first, 'M1')).rejects.not.toThrow(MISSING_KEYS_ERROR_TEXT);
  await expect(side.receive(first, 'M1')).rejects.toThrow('its plaintext is not kept');
  expect((await opened.store.undecrypted.waiting('s1', 10)).map(({ stanza }) => stanza.id)).toEqual(['M1']);
  expect(side.failures).toEqual([]);
});
