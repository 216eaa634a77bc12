/**
 * Curve25519 for the simulator, by Node's own crypto: key pairs, agreement, XEdDSA signatures.
 * Public keys are the bare 32 bytes everywhere in the simulator; libsignal wants a type byte in front, added here.
 * `verify` is a real check (Baileys 7.0.0-rc14's own `Curve.verify` only notices exceptions).
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  randomBytes,
  sign as signEd25519,
  type KeyObject,
} from 'node:crypto';
import { verifyXeddsa } from './xeddsa.js';

export interface KeyPair {
  public: Buffer;
  private: Buffer;
}

/** A key pair that can sign. */
export interface IdentityKeyPair extends KeyPair {
  /** The Ed25519 seed that the private key comes from, 32 bytes. */
  seed: Buffer;
}

const KEY_TYPE = Buffer.from([5]);
type Curve = 'X25519' | 'Ed25519';

/** The 33-byte form of a public key that Signal messages and signatures use. */
export const withKeyType = (publicKey: Uint8Array): Buffer =>
  publicKey.length === 33 ? Buffer.from(publicKey) : Buffer.concat([KEY_TYPE, publicKey]);

/** The bare 32 bytes of a public key in either form. */
const withoutKeyType = (publicKey: Uint8Array): Buffer =>
  Buffer.from(publicKey.length === 33 ? publicKey.subarray(1) : publicKey);

const fromBase64url = (text = ''): Buffer => Buffer.from(text, 'base64url');

// As JWK, because the parsing of DER costs ten times what is then done with the key.
const readPublic = (crv: Curve, bytes: Uint8Array): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv, x: Buffer.from(bytes).toString('base64url') }, format: 'jwk' });
function readPrivate(crv: Curve, bytes: Buffer): KeyObject {
  const d = bytes.toString('base64url');
  // The public half is demanded by the format and used by nobody.
  return createPrivateKey({ key: { kty: 'OKP', crv, d, x: d }, format: 'jwk' });
}
const publicHalf = (key: KeyObject): Buffer => fromBase64url(key.export({ format: 'jwk' }).x);

/** Reading a private key costs as much as using it, and the long-lived ones are used for every connection. */
const agreementKeys = new WeakMap<Buffer, KeyObject>();

/** Sets the bits that X25519 fixes (RFC 7748, section 5), which are those that Ed25519 fixes (RFC 8032, section 5.1.5). */
function clamp(scalar: Buffer): Buffer {
  scalar.writeUInt8(scalar.readUInt8(0) & 0xf8, 0);
  scalar.writeUInt8((scalar.readUInt8(31) & 0x7f) | 0x40, 31);
  return scalar;
}

function pairOf(scalar: Buffer): KeyPair {
  const key = readPrivate('X25519', scalar);
  agreementKeys.set(scalar, key);
  return { private: scalar, public: publicHalf(key) };
}

/**
 * A new random key pair. Not by `generateKeyPairSync`: the export of a key that it has made waits for itself for ever when a
 * garbage collection falls into it, after some thousand keys (Node 20: what is left of the making takes the lock that
 * the export holds).
 */
export const generateKeyPair = (): KeyPair => pairOf(clamp(randomBytes(32)));

/** A new key pair for signatures: the Curve25519 side of an Ed25519 key, which Node can sign with. */
export function generateIdentity(): IdentityKeyPair {
  const seed = randomBytes(32);
  return { seed, ...pairOf(clamp(createHash('sha512').update(seed).digest().subarray(0, 32))) };
}

/** The shared secret of our private and their public key. @throws on a key of wrong length or low order. */
export function agree(privateKey: Buffer, publicKey: Uint8Array): Buffer {
  const ours = agreementKeys.get(privateKey) ?? readPrivate('X25519', privateKey);
  agreementKeys.set(privateKey, ours);
  return diffieHellman({ privateKey: ours, publicKey: readPublic('X25519', withoutKeyType(publicKey)) });
}

/**
 * An XEdDSA signature, 64 bytes: an Ed25519 one with the sign of the Edwards point in its last, otherwise unused, bit.
 */
export function sign({ seed }: IdentityKeyPair, message: Buffer): Buffer {
  const key = readPrivate('Ed25519', seed);
  const signature = signEd25519(null, message, key);
  const signBit = publicHalf(key).readUInt8(31) & 0x80;
  signature.writeUInt8(signature.readUInt8(63) | signBit, 63);
  return signature;
}

/** Whether the XEdDSA signature is by the owner of the public key; false for anything malformed. */
export function verify(publicKey: Uint8Array, message: Buffer, signature: Uint8Array): boolean {
  try {
    return verifyXeddsa(withoutKeyType(publicKey), message, signature);
  } catch {
    return false;
  }
}
