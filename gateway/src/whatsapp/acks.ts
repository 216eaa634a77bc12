/**
 * Waits for WhatsApp's acknowledgement of a message. Baileys resolves a send when the bytes are written, also into a
 * dead link; only the server's `<ack class="message">` proves that it has it. One per socket, used by `session`.
 */
import type { SendOutcome } from '../domain/message.js';
import type { Clock } from '../lib/clock.js';
import { refusalOf } from './ackErrors.js';

/** How long the server may take; it answers within a second or not at all. */
const ACK_TIMEOUT_MS = 15_000;

export interface Acks {
  /** Begin waiting before the send: the ack may come before the send resolves. */
  expect: (waId: string) => { outcome: Promise<SendOutcome>; cancel: () => void };
  /** Handles the attributes of an `<ack class="message">`. */
  receive: (attributes: Record<string, string>) => void;
  /** The link is gone: whatever is still waited for may have arrived or not. */
  abandon: () => void;
}

export function createAcks(clock: Clock): Acks {
  const waiting = new Map<string, (outcome: SendOutcome) => void>();

  return {
    expect(waId) {
      let settle: (outcome: SendOutcome) => void = () => undefined;
      const outcome = new Promise<SendOutcome>((resolve) => {
        settle = resolve;
      });
      const cancelTimeout = clock.schedule(() => {
        finish({ kind: 'unknown', reason: 'no_acknowledgement' });
      }, ACK_TIMEOUT_MS);
      function finish(result: SendOutcome): void {
        cancelTimeout();
        if (waiting.get(waId) === finish) waiting.delete(waId);
        settle(result);
      }
      waiting.set(waId, finish);
      return {
        outcome,
        cancel: () => {
          finish({ kind: 'unknown', reason: 'send_error' });
        },
      };
    },
    receive({ id, error }) {
      const finish = id === undefined ? undefined : waiting.get(id);
      if (!finish) return;
      finish(
        error === undefined
          ? { kind: 'accepted' }
          : { kind: 'rejected', ...refusalOf(error), ackError: error },
      );
    },
    abandon() {
      for (const finish of [...waiting.values()]) finish({ kind: 'unknown', reason: 'disconnected' });
    },
  };
}
