/**
 * The media host's TLS identity: an own certificate authority and a certificate for 127.0.0.1 and localhost, made without
 * any tool but Node's crypto. A client trusts it with `NODE_EXTRA_CA_CERTS` pointing at `caPem` and needs nothing else.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8String,
} from './der.js';

export interface TlsIdentity {
  caPem: string;
  certificatePem: string;
  privateKeyPem: string;
}

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const ALTERNATIVE_NAMES = '2.5.29.17';
const DAY_MS = 24 * 3600 * 1000;
const VALID_DAYS = 3650;

const nameOf = (commonName: string): Buffer =>
  sequence(set(sequence(oid(COMMON_NAME), utf8String(commonName))));
const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  critical ? sequence(oid(id), boolean(true), octetString(value)) : sequence(oid(id), octetString(value));

interface CertificateRequest {
  subject: string;
  key: KeyObject;
  extensions: Buffer[];
}

/** An X.509 version 3 certificate (RFC 5280, section 4.1), signed with ECDSA. */
function issue(request: CertificateRequest, issuer: { name: string; key: KeyObject }): string {
  const now = Date.now();
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    ECDSA_SHA256,
    nameOf(issuer.name),
    sequence(time(new Date(now - DAY_MS)), time(new Date(now + VALID_DAYS * DAY_MS))),
    nameOf(request.subject),
    createPublicKey(request.key).export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...request.extensions)),
  );
  const certificate = sequence(body, ECDSA_SHA256, bitString(sign('sha256', body, issuer.key)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Read anew, because the export of a key that was just made can wait for itself for ever (see signal/curve.ts). */
const newKey = (): KeyObject =>
  createPrivateKey(
    generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey,
  );

/** A new authority and a certificate that it issued for this machine's loopback. */
export function createTlsIdentity(): TlsIdentity {
  const authority = { name: 'Sluice simulator CA', key: newKey() };
  const hostKey = newKey();
  const caPem = issue(
    {
      subject: authority.name,
      key: authority.key,
      extensions: [
        extension(BASIC_CONSTRAINTS, true, sequence(boolean(true))),
        // keyCertSign and cRLSign.
        extension(KEY_USAGE, true, Buffer.from([0x03, 0x02, 0x01, 0x06])),
      ],
    },
    authority,
  );
  const names = sequence(implicit(7, Buffer.from([127, 0, 0, 1])), implicit(2, Buffer.from('localhost')));
  const certificatePem = issue(
    { subject: '127.0.0.1', key: hostKey, extensions: [extension(ALTERNATIVE_NAMES, false, names)] },
    authority,
  );
  return {
    caPem,
    certificatePem,
    privateKeyPem: hostKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
