/**
 * The server's long-lived keys: an own root, an intermediate and a leaf that certifies the Noise static key,
 * with real signatures. A client that checks them needs `rootKeyHex` in place of the pinned root.
 */
import { proto } from '@whiskeysockets/baileys';
import {
  generateIdentity,
  generateKeyPair,
  sign,
  type IdentityKeyPair,
  type KeyPair,
} from '../signal/curve.js';

export interface ServerKeys {
  /** Public half of the root, 32 bytes in hex. */
  rootKeyHex: string;
  /** The Noise static key; its public half is in the leaf certificate. */
  static: KeyPair;
  /** Encoded CertChain, sent in the server hello. */
  certificateChain: Buffer;
}

/** With the private root, which only the saved state needs. */
export interface OwnServerKeys extends ServerKeys {
  root: IdentityKeyPair;
}

/** Serials as the real chain has them: the client demands `issuerSerial` 0 of the intermediate. */
const ROOT_SERIAL = 0;
const INTERMEDIATE_SERIAL = 1;
const LEAF_SERIAL = 2;
const VALIDITY_S = 10 * 365 * 24 * 3600;

interface CertificateRequest {
  serial: number;
  issuerSerial: number;
  key: Buffer;
  signedBy: IdentityKeyPair;
}

function issueCertificate(request: CertificateRequest): proto.CertChain.INoiseCertificate {
  const nowS = Math.floor(Date.now() / 1000);
  const details = Buffer.from(
    proto.CertChain.NoiseCertificate.Details.encode({
      serial: request.serial,
      issuerSerial: request.issuerSerial,
      key: request.key,
      notBefore: nowS - 3600,
      notAfter: nowS + VALIDITY_S,
    }).finish(),
  );
  return { details, signature: sign(request.signedBy, details) };
}

/** Makes the keys and certificates of one simulator; `saved` restores those of an earlier run. */
export function createServerKeys(saved?: { root: IdentityKeyPair; static: KeyPair }): OwnServerKeys {
  const root = saved?.root ?? generateIdentity();
  const staticKey = saved?.static ?? generateKeyPair();
  const intermediate = generateIdentity();
  const chain = proto.CertChain.encode({
    intermediate: issueCertificate({
      serial: INTERMEDIATE_SERIAL,
      issuerSerial: ROOT_SERIAL,
      key: intermediate.public,
      signedBy: root,
    }),
    leaf: issueCertificate({
      serial: LEAF_SERIAL,
      issuerSerial: INTERMEDIATE_SERIAL,
      key: staticKey.public,
      signedBy: intermediate,
    }),
  }).finish();
  return {
    root,
    static: staticKey,
    rootKeyHex: root.public.toString('hex'),
    certificateChain: Buffer.from(chain),
  };
}
