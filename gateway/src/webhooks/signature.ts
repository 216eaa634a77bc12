/**
 * Signatures of deliveries as Standard Webhooks has them (standardwebhooks.com, version 1): HMAC-SHA256 over
 * `id.timestamp.body` with the secret's bytes. Pure; used by the dispatcher and, for new secrets, by webhooks.
 */
import { createHmac } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** What a delivery is signed with; `previous` is a rotated secret in its grace time. */
export interface SigningSecrets {
  current: string;
  previous: { secret: string; expiresAt: number } | null;
}

export interface SignedContent {
  /** Id of the event: the same for every try, so that the receiver can drop repeats. */
  id: string;
  /** When this try is made, milliseconds since 1970. */
  at: number;
  body: string;
}

/** A new secret: `whsec_` and 32 random bytes in base64. */
export const newSecret = (randomBytes: (size: number) => Buffer): string =>
  `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;

/** One signature, `v1,<base64>`; `timestamp` is in seconds. */
function sign(secret: string, content: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

/**
 * The three headers of a delivery. While a rotated secret is in its grace time there are two signatures, separated by
 * a space; a receiver accepts any that fits its secret.
 */
export function signatureHeaders(
  secrets: SigningSecrets,
  { id, at, body }: SignedContent,
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000));
  const content = `${id}.${timestamp}.${body}`;
  const valid = [secrets.current];
  if (secrets.previous && secrets.previous.expiresAt > at) valid.push(secrets.previous.secret);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': valid.map((secret) => sign(secret, content)).join(' '),
  };
}
