/**
 * Sessions from the stanza to the database, with Baileys' own repository and transactions, libsignal, and a contact that
 * encrypts for them.
 */
import {
  addTransactionCapability,
  type BinaryNode,
  type SignalKeyStoreWithTransaction,
} from '@whiskeysockets/baileys';
import type { Fence } from '../../../gateway/src/domain/session.js';
import { createLogger } from '../../../gateway/src/lib/logger.js';
import type { Ciphertext, SignalDevice } from '../../../gateway/src/simulator/signal/signalDevice.js';
import type { Store } from '../../../gateway/src/store/index.js';
import { openAuthState } from '../../../gateway/src/whatsapp/authState.js';
import { createBaileysLogger } from '../../../gateway/src/whatsapp/baileysLogger.js';
import { createInbox } from '../../../gateway/src/whatsapp/inbox.js';
import { createFakeClock } from '../../support/fakeClock.js';
import { openTestStore } from '../../support/testStore.js';
import { addSessions } from '../../store/builders.js';

export const SESSIONS = ['s1', 's2', 's3'];
/** The contact, by both of its addresses, and its name in libsignal. */
export const LID = '169055635606604@lid';
export const PN = '4915550201003@s.whatsapp.net';
export const SIGNAL_NAME = '169055635606604_1';
export const SESSION_KEY = `session:${SIGNAL_NAME}.0`;
const PREKEY_ID = 7;

const clock = createFakeClock();
const logger = createBaileysLogger(createLogger('silent'));

/** A database with the sessions, owned by the test. */
export async function openSessions(...how: Parameters<typeof openTestStore>) {
  const opened = await openTestStore(...how);
  await addSessions(opened.store, ...SESSIONS);
  const fences = await opened.store.leases.takeFree({ owner: 'me', now: clock.now(), ttlMs: 60_000 });
  return { ...opened, fences };
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
    onUndecrypted: () => undefined,
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
    inbox,
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

export type Side = Awaited<ReturnType<typeof openSide>>;

/** A contact with a Signal session for each side, and its first message to each. */
export async function writeToEach(
  contact: SignalDevice,
  { store, fences }: { store: Store; fences: readonly Fence[] },
): Promise<{ side: Side; first: Ciphertext }[]> {
  return Promise.all(
    fences.map(async (fence) => {
      const side = await openSide(store, fence);
      await contact.startSession(fence.sessionId, side.bundle);
      return { side, first: await contact.encrypt(fence.sessionId, Buffer.from(fence.sessionId)) };
    }),
  );
}
