/**
 * The signed papers of a newly linked device: the phone vouches for the client's identity key, the client for the phone's.
 * Formats and prefixes as in Baileys' `configureSuccessfulPairing`.
 */
import { createHmac, randomInt } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { sign, verify, type IdentityKeyPair, type KeyPair } from '../signal/curve.js';

const ACCOUNT_SIGNATURE_PREFIX = Buffer.from([6, 0]);
const DEVICE_SIGNATURE_PREFIX = Buffer.from([6, 1]);

export interface DevicePapers {
  /** Encoded ADVSignedDeviceIdentityHMAC for the client. */
  encoded: Buffer;
  details: Buffer;
}

/** What the phone signs when it accepts a client. */
export function issuePapers(
  phone: IdentityKeyPair,
  client: { identity: Buffer; advSecret: Buffer; keyIndex: number },
): DevicePapers {
  const details = Buffer.from(
    proto.ADVDeviceIdentity.encode({
      rawId: randomInt(1, 2 ** 31),
      timestamp: Math.floor(Date.now() / 1000),
      keyIndex: client.keyIndex,
      accountType: proto.ADVEncryptionType.E2EE,
      deviceType: proto.ADVEncryptionType.E2EE,
    }).finish(),
  );
  const accountSignature = sign(phone, Buffer.concat([ACCOUNT_SIGNATURE_PREFIX, details, client.identity]));
  const signed = Buffer.from(
    proto.ADVSignedDeviceIdentity.encode({
      details,
      accountSignatureKey: phone.public,
      accountSignature,
    }).finish(),
  );
  const hmac = createHmac('sha256', client.advSecret).update(signed).digest();
  const encoded = proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish();
  return { encoded: Buffer.from(encoded), details };
}

/** Whether the client's answer carries its own valid signature under the phone's papers. */
export function isSignedByClient(
  answer: Buffer,
  papers: DevicePapers,
  keys: { phone: KeyPair; client: Buffer },
): boolean {
  const { details, deviceSignature } = proto.ADVSignedDeviceIdentity.decode(answer);
  if (!details || !deviceSignature || !papers.details.equals(Buffer.from(details))) return false;
  const message = Buffer.concat([DEVICE_SIGNATURE_PREFIX, papers.details, keys.client, keys.phone.public]);
  return verify(keys.client, message, deviceSignature);
}
