/**
 * The server's side of Noise_XX_25519_AESGCM_SHA256 as WhatsApp web uses it: three handshake messages, then a
 * cipher per direction with a counter as nonce. One responder per connection; it knows nothing of frames or sockets.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { agree, generateKeyPair } from '../signal/curve.js';
import type { ServerKeys } from './certificate.js';

const PROTOCOL_NAME = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0');
const TAG_LENGTH = 16;
const NO_AAD = Buffer.alloc(0);

/** What encrypts and decrypts frames once the handshake is done. */
export interface Transport {
  encrypt(plaintext: Buffer): Buffer;
  /** @throws when the frame was not made with the other side's key and counter. */
  decrypt(ciphertext: Buffer): Buffer;
}

export interface NoiseResponder {
  /** Takes the encoded client hello, returns the encoded server hello. @throws when malformed. */
  answerHello(bytes: Buffer): Buffer;
  /** Takes the encoded client finish. @throws when malformed or not made with the keys of this handshake. */
  finish(bytes: Buffer): { staticKey: Buffer; payload: Buffer; transport: Transport };
}

const sha256 = (data: Buffer): Buffer => createHash('sha256').update(data).digest();

function nonce(counter: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(counter, 8);
  return bytes;
}

function seal(key: Buffer, counter: number, message: { data: Buffer; aad: Buffer }): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(counter));
  if (message.aad.length > 0) cipher.setAAD(message.aad);
  return Buffer.concat([cipher.update(message.data), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Buffer, counter: number, message: { data: Buffer; aad: Buffer }): Buffer {
  if (message.data.length < TAG_LENGTH) throw new Error('the encrypted part is shorter than its tag');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(counter));
  if (message.aad.length > 0) decipher.setAAD(message.aad);
  decipher.setAuthTag(message.data.subarray(-TAG_LENGTH));
  return Buffer.concat([decipher.update(message.data.subarray(0, -TAG_LENGTH)), decipher.final()]);
}

function createTransport(readKey: Buffer, writeKey: Buffer): Transport {
  let reads = 0;
  let writes = 0;
  return {
    encrypt: (plaintext) => seal(writeKey, writes++, { data: plaintext, aad: NO_AAD }),
    decrypt: (ciphertext) => unseal(readKey, reads++, { data: ciphertext, aad: NO_AAD }),
  };
}

/** The running hash, key and counter of one handshake ("symmetric state" in the Noise specification, section 5.2). */
function createSymmetricState() {
  let hash: Buffer = PROTOCOL_NAME;
  let chainingKey: Buffer = PROTOCOL_NAME;
  let key: Buffer = PROTOCOL_NAME;
  let counter = 0;
  const derive = (input: Buffer): [Buffer, Buffer] => {
    const bytes = Buffer.from(hkdfSync('sha256', input, chainingKey, '', 64));
    return [bytes.subarray(0, 32), bytes.subarray(32)];
  };
  const mixHash = (data: Buffer): void => {
    hash = sha256(Buffer.concat([hash, data]));
  };
  return {
    mixHash,
    mixKey(input: Buffer): void {
      [chainingKey, key] = derive(input);
      counter = 0;
    },
    encrypt(data: Buffer): Buffer {
      const sealed = seal(key, counter++, { data, aad: hash });
      mixHash(sealed);
      return sealed;
    },
    decrypt(data: Buffer): Buffer {
      const opened = unseal(key, counter++, { data, aad: hash });
      mixHash(data);
      return opened;
    },
    split: (): [Buffer, Buffer] => derive(NO_AAD),
  };
}

/** Starts a handshake; `prologue` is the four header bytes that the client sent first. */
export function createNoiseResponder(keys: ServerKeys, prologue: Buffer): NoiseResponder {
  const state = createSymmetricState();
  const ephemeral = generateKeyPair();
  state.mixHash(prologue);

  return {
    answerHello(bytes) {
      const clientKey = proto.HandshakeMessage.decode(bytes).clientHello?.ephemeral;
      if (clientKey?.length !== 32) throw new Error('the client hello has no ephemeral key of 32 bytes');
      const clientEphemeral = Buffer.from(clientKey);
      state.mixHash(clientEphemeral);
      state.mixHash(ephemeral.public);
      state.mixKey(agree(ephemeral.private, clientEphemeral));
      const encryptedStatic = state.encrypt(keys.static.public);
      state.mixKey(agree(keys.static.private, clientEphemeral));
      const payload = state.encrypt(keys.certificateChain);
      const serverHello = { ephemeral: ephemeral.public, static: encryptedStatic, payload };
      return Buffer.from(proto.HandshakeMessage.encode({ serverHello }).finish());
    },
    finish(bytes) {
      const message = proto.HandshakeMessage.decode(bytes).clientFinish;
      if (!message?.static || !message.payload)
        throw new Error('the client finish lacks its static key or payload');
      const staticKey = state.decrypt(Buffer.from(message.static));
      state.mixKey(agree(ephemeral.private, staticKey));
      const payload = state.decrypt(Buffer.from(message.payload));
      const [clientToServer, serverToClient] = state.split();
      return { staticKey, payload, transport: createTransport(clientToServer, serverToClient) };
    },
  };
}
