/**
 * Curve25519 for the simulator: key pairs, agreement, XEdDSA signatures.
 * Public keys are the bare 32 bytes everywhere in the simulator; libsignal wants a type byte in front, added here.
 * `verify` is a real check (Baileys 7.0.0-rc14's own `Curve.verify` only notices exceptions).
 */
import * as curve from 'libsignal/src/curve.js';
import { verifyXeddsa } from './xeddsa.js';

export interface KeyPair {
  public: Buffer;
  private: Buffer;
}

const KEY_TYPE = Buffer.from([5]);

/** The 33-byte form of a public key that Signal messages and signatures use. */
export const withKeyType = (publicKey: Uint8Array): Buffer =>
  publicKey.length === 33 ? Buffer.from(publicKey) : Buffer.concat([KEY_TYPE, publicKey]);

/** The bare 32 bytes of a public key in either form. */
const withoutKeyType = (publicKey: Uint8Array): Buffer =>
  Buffer.from(publicKey.length === 33 ? publicKey.subarray(1) : publicKey);

/** A new random key pair. */
export function generateKeyPair(): KeyPair {
  const pair = curve.generateKeyPair();
  return { public: withoutKeyType(pair.pubKey), private: Buffer.from(pair.privKey) };
}

/** The shared secret of our private and their public key. @throws on a key of wrong length. */
export const agree = (privateKey: Buffer, publicKey: Uint8Array): Buffer =>
  Buffer.from(curve.calculateAgreement(withKeyType(publicKey), privateKey));

/** An XEdDSA signature, 64 bytes. */
export const sign = (privateKey: Buffer, message: Buffer): Buffer =>
  Buffer.from(curve.calculateSignature(privateKey, message));

/** Whether the XEdDSA signature is by the owner of the public key; false for anything malformed. */
export function verify(publicKey: Uint8Array, message: Buffer, signature: Uint8Array): boolean {
  try {
    return verifyXeddsa(withoutKeyType(publicKey), message, signature);
  } catch {
    return false;
  }
}
