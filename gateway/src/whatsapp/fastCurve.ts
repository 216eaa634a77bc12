/**
 * libsignal 6.0.0 hands every key to OpenSSL as DER, whose parsing costs ten times the agreement itself: 1 ms for each
 * turn of a conversation. This replaces the two functions by the same operations without that parsing. Called once at the
 * process edge; it changes no result, and takes itself back when Node or libsignal is not what it expects.
 */
import { createPrivateKey, createPublicKey, diffieHellman, randomBytes, type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as Curve from 'libsignal/src/curve.js';

type CurveFunctions = Pick<typeof Curve, 'generateKeyPair' | 'calculateAgreement'>;

const KEY_TYPE = Buffer.from([5]);
const KEY_BYTES = 32;
const OKP = { kty: 'OKP', crv: 'X25519' };

const toBase64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');

/** Reading a private key costs as much as using it; those of identities and of open conversations are used again. */
const privateKeys = new WeakMap<Uint8Array, KeyObject>();

function readPrivate(privateKey: Uint8Array): KeyObject {
  const known = privateKeys.get(privateKey);
  if (known) return known;
  const d = toBase64url(privateKey);
  // The public half inside a private key is demanded by the format and used by nobody.
  const key = createPrivateKey({ key: { ...OKP, d, x: d }, format: 'jwk' });
  privateKeys.set(privateKey, key);
  return key;
}

/** A turn of a conversation uses the other side's new key twice, and its identity comes again and again. */
const publicKeys = new WeakMap<Uint8Array, KeyObject>();

function readPublic(publicKey: Uint8Array): KeyObject {
  const known = publicKeys.get(publicKey);
  if (known) return known;
  const x = toBase64url(publicKey.subarray(1));
  const key = createPublicKey({ key: { ...OKP, x }, format: 'jwk' });
  publicKeys.set(publicKey, key);
  return key;
}

/**
 * A new private key, with the bits set that X25519 fixes (RFC 7748, section 5). Not by `generateKeyPairSync`: the export of a
 * key that it has made waits for itself for ever when a garbage collection falls into it, after some thousand keys
 * (Node 20: what is left of the making takes the lock that the export holds).
 */
function newScalar(): Buffer {
  const scalar = randomBytes(KEY_BYTES);
  scalar.writeUInt8(scalar.readUInt8(0) & 0xf8, 0);
  scalar.writeUInt8((scalar.readUInt8(KEY_BYTES - 1) & 0x7f) | 0x40, KEY_BYTES - 1);
  return scalar;
}

/** Same arguments, results and refusals as libsignal's, for keys of 33 bytes with their type in front. */
export const fastCurve: CurveFunctions = {
  generateKeyPair() {
    const privKey = newScalar();
    const { x = '' } = readPrivate(privKey).export({ format: 'jwk' });
    return { pubKey: Buffer.concat([KEY_TYPE, Buffer.from(x, 'base64url')]), privKey };
  },
  calculateAgreement(publicKey, privateKey) {
    if (publicKey.length !== KEY_BYTES + 1 || publicKey[0] !== KEY_TYPE[0])
      throw new Error('Invalid public key');
    if (privateKey.length !== KEY_BYTES) throw new Error('Invalid private key');
    return diffieHellman({ privateKey: readPrivate(privateKey), publicKey: readPublic(publicKey) });
  },
};

/** Whether both sides of an agreement come to the same result with the old and the new functions. */
function agreesWith(original: CurveFunctions): boolean {
  try {
    const [ours, theirs] = [fastCurve.generateKeyPair(), original.generateKeyPair()];
    const expected = Buffer.from(original.calculateAgreement(ours.pubKey, theirs.privKey));
    return (
      expected.equals(fastCurve.calculateAgreement(theirs.pubKey, ours.privKey)) &&
      expected.equals(fastCurve.calculateAgreement(ours.pubKey, theirs.privKey))
    );
  } catch {
    return false;
  }
}

/** Puts the fast functions in libsignal's place, for the whole process; false when it had to leave them as they are. */
export function installFastCurve(): boolean {
  // The module object that libsignal's own files share; an ES import would give a copy of its functions.
  const curve = createRequire(import.meta.url)('libsignal/src/curve.js') as CurveFunctions;
  if (!agreesWith(curve)) return false;
  Object.assign(curve, fastCurve);
  return true;
}
