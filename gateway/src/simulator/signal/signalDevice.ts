/**
 * The Signal side of one simulated device: identity, prekeys and sessions in memory, encryption and decryption.
 * Used for the phones, contacts and companions that the simulator plays itself; it knows no stanzas.
 */
import * as libsignal from 'libsignal';
import { randomInt } from 'node:crypto';
import {
  generateIdentity,
  generateKeyPair,
  sign,
  withKeyType,
  type IdentityKeyPair,
  type KeyPair,
} from './curve.js';
import type { PreKeyBundle } from './preKeyBundle.js';
import { copyRecord, forgetOldChains } from './sessionRecord.js';

export type CiphertextType = 'pkmsg' | 'msg';

export interface Ciphertext {
  type: CiphertextType;
  body: Buffer;
}

/** What survives a restart of the simulator when it is kept in a folder. */
export interface SavedSignalDevice {
  registrationId: number;
  identity: IdentityKeyPair;
  signedPreKey: KeyPair;
  nextPreKeyId: number;
  preKeys: [number, KeyPair][];
  sessions: [string, Uint8Array][];
}

export interface SignalDevice {
  readonly identity: IdentityKeyPair;
  readonly registrationId: number;
  /** Public keys for a peer that wants to start a session, with a fresh one-time prekey. */
  issueBundle(): PreKeyBundle;
  hasSession(peer: string): boolean;
  /** Starts (or replaces) the session with a peer from its public keys. */
  startSession(peer: string, bundle: PreKeyBundle): Promise<void>;
  dropSession(peer: string): void;
  /** @throws when there is no session with the peer. */
  encrypt(peer: string, plaintext: Buffer): Promise<Ciphertext>;
  /** @throws when the ciphertext does not fit the session, was seen before, or uses an unknown prekey. */
  decrypt(peer: string, ciphertext: Ciphertext): Promise<Buffer>;
  save(): SavedSignalDevice;
}

const SIGNED_PREKEY_ID = 1;
const PKMSG = 3;

const toPair = (pair: KeyPair): { pubKey: Buffer; privKey: Buffer } => ({
  pubKey: withKeyType(pair.public),
  privKey: pair.private,
});

const newState = (): SavedSignalDevice => ({
  registrationId: randomInt(1, 0x3fff),
  identity: generateIdentity(),
  signedPreKey: generateKeyPair(),
  nextPreKeyId: 1,
  preKeys: [],
  sessions: [],
});

interface Stores {
  preKeys: Map<number, KeyPair>;
  /** Records as libsignal's own objects, or as they were saved; of one that is in use, how it was before. */
  sessions: Map<string, libsignal.SessionRecord | Uint8Array>;
}

const serialized = (session: libsignal.SessionRecord | Uint8Array): Uint8Array =>
  session instanceof libsignal.SessionRecord ? session.serialize() : session;

function createStorage(state: SavedSignalDevice, { preKeys, sessions }: Stores): libsignal.SignalStorage {
  return {
    // libsignal changes a record in place even when the decryption then fails: only what it stores takes the place of
    // what was there.
    loadSession: (id) => {
      const kept = sessions.get(id);
      if (!kept) return Promise.resolve(undefined);
      const record =
        kept instanceof libsignal.SessionRecord ? kept : libsignal.SessionRecord.deserialize(kept);
      sessions.set(id, copyRecord(record));
      return Promise.resolve(record);
    },
    storeSession: (id, record) => {
      forgetOldChains(record);
      sessions.set(id, record);
      return Promise.resolve();
    },
    isTrustedIdentity: () => true,
    loadPreKey: (id) => {
      const pair = preKeys.get(Number(id));
      return Promise.resolve(pair && toPair(pair));
    },
    removePreKey: (id) => void preKeys.delete(id),
    loadSignedPreKey: () => toPair(state.signedPreKey),
    getOurRegistrationId: () => state.registrationId,
    getOurIdentity: () => toPair(state.identity),
  };
}

/** A device with new keys, or with those of an earlier run. `owner` keeps libsignal's job queues of devices apart. */
export function createSignalDevice(owner: string, saved?: SavedSignalDevice): SignalDevice {
  const state = saved ?? newState();
  const preKeys = new Map(state.preKeys);
  const sessions: Stores['sessions'] = new Map(state.sessions);
  const storage = createStorage(state, { preKeys, sessions });
  const addressOf = (peer: string): libsignal.ProtocolAddress =>
    new libsignal.ProtocolAddress(`${owner}>${peer}`, 0);
  const cipherFor = (peer: string): libsignal.SessionCipher =>
    new libsignal.SessionCipher(storage, addressOf(peer));
  let signature: Buffer | undefined;

  return {
    identity: state.identity,
    registrationId: state.registrationId,
    issueBundle() {
      const preKey = generateKeyPair();
      const id = state.nextPreKeyId++;
      preKeys.set(id, preKey);
      signature ??= sign(state.identity, withKeyType(state.signedPreKey.public));
      return {
        registrationId: state.registrationId,
        identity: state.identity.public,
        signedPreKey: { id: SIGNED_PREKEY_ID, public: state.signedPreKey.public, signature },
        preKey: { id, public: preKey.public },
      };
    },
    hasSession: (peer) => sessions.has(addressOf(peer).toString()),
    async startSession(peer, bundle) {
      const { signedPreKey, preKey } = bundle;
      const session = {
        registrationId: bundle.registrationId,
        identityKey: withKeyType(bundle.identity),
        signedPreKey: {
          keyId: signedPreKey.id,
          publicKey: withKeyType(signedPreKey.public),
          signature: signedPreKey.signature,
        },
        preKey: preKey && { keyId: preKey.id, publicKey: withKeyType(preKey.public) },
      };
      const builder = new libsignal.SessionBuilder(storage, addressOf(peer));
      // libsignal accepts a bundle without one-time prekey, its types do not.
      await builder.initOutgoing(session as Parameters<typeof builder.initOutgoing>[0]);
    },
    dropSession: (peer) => void sessions.delete(addressOf(peer).toString()),
    async encrypt(peer, plaintext) {
      const { type, body } = await cipherFor(peer).encrypt(plaintext);
      return { type: type === PKMSG ? 'pkmsg' : 'msg', body: Buffer.from(body, 'binary') };
    },
    decrypt(peer, { type, body }) {
      const cipher = cipherFor(peer);
      return type === 'pkmsg' ? cipher.decryptPreKeyWhisperMessage(body) : cipher.decryptWhisperMessage(body);
    },
    save: () => ({
      ...state,
      preKeys: [...preKeys],
      sessions: [...sessions].map(([id, session]) => [id, serialized(session)]),
    }),
  };
}
