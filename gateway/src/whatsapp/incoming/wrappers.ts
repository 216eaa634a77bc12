/**
 * Takes a message out of its envelopes: ephemeral, view-once, edited, sent from another device, and whatever WhatsApp
 * invents next, because all of them look alike. Pure; used by messageContent.
 */
import type { proto } from '@whiskeysockets/baileys';

/** Deep enough for what clients nest, and an end for what somebody nests on purpose. */
const MAX_WRAPPERS = 8;

export interface Unwrapped {
  inner: proto.IMessage;
  /** Every layer, the outermost first, `inner` last. */
  layers: proto.IMessage[];
  viewOnce: boolean;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** By its shape, because a new kind of envelope has a new name. */
const isEnvelope = (part: unknown): part is { message: proto.IMessage } =>
  isObject(part) && 'message' in part && isObject(part.message);

const VIEW_ONCE = ['viewOnceMessage', 'viewOnceMessageV2', 'viewOnceMessageV2Extension'];

/** The innermost message of a decoded one. */
export function unwrap(message: proto.IMessage): Unwrapped {
  const layers = [message];
  let inner = message;
  let viewOnce = false;
  while (layers.length <= MAX_WRAPPERS) {
    const envelope = Object.entries(inner).find(([, part]) => isEnvelope(part));
    if (!envelope || !isEnvelope(envelope[1])) break;
    viewOnce ||= VIEW_ONCE.includes(envelope[0]);
    inner = envelope[1].message;
    layers.push(inner);
  }
  return { inner, layers, viewOnce };
}

/** The secret that answers to a message (votes) are encrypted with; null when it has none. */
export function secretOf({ layers }: Unwrapped): Buffer | null {
  const found = layers
    .map(({ messageContextInfo }) => messageContextInfo?.messageSecret)
    .find((secret) => secret !== null && secret !== undefined && secret.length > 0);
  return found ? Buffer.from(found) : null;
}
