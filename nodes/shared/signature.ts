/**
 * Checks deliveries as Standard Webhooks describes: HMAC-SHA256 over `id.timestamp.body`, not older than five minutes.
 * Used by the trigger on the raw body, before anything of it is believed.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, timingSafeEqual } from 'crypto';

const MAX_AGE_SECONDS = 5 * 60;
const PREFIX = 'whsec_';

export interface SignedDelivery {
  headers: Record<string, string | string[] | undefined>;
  rawBody: Buffer;
}

const single = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? (value[0] ?? '') : (value ?? '');

function sign(secret: string, content: Buffer): Buffer {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  return createHmac('sha256', key).update(content).digest();
}

/** What tells one delivery from another: the event and the time at which this attempt was signed. */
export interface DeliveryMark {
  id: string;
  timestamp: string;
}

/** Only to be believed after `signatureFault` found nothing. */
export function deliveryMark({ headers }: SignedDelivery): DeliveryMark {
  return { id: single(headers['webhook-id']), timestamp: single(headers['webhook-timestamp']) };
}

/**
 * Why a delivery must not be believed, or undefined when it is genuine and fresh.
 * @param nowMs milliseconds since 1970
 */
export function signatureFault(delivery: SignedDelivery, secret: string, nowMs: number): string | undefined {
  const { id, timestamp } = deliveryMark(delivery);
  const signatures = single(delivery.headers['webhook-signature']);
  if (id === '' || timestamp === '' || signatures === '') return 'The signature headers are missing';
  if (!/^\d{1,12}$/.test(timestamp)) return 'The timestamp is not a number of seconds';
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > MAX_AGE_SECONDS)
    return 'The timestamp is too far from now';
  const expected = sign(secret, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), delivery.rawBody]));
  // While a secret rotates there are several signatures, separated by spaces.
  const genuine = signatures.split(' ').some((part) => {
    const [version, encoded = ''] = part.split(',');
    const given = Buffer.from(encoded, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return genuine ? undefined : 'The signature does not match';
}
