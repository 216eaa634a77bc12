/**
 * A MessageSender for tests of the outbox: keeps what was handed to it and answers as the test says. Sends end at once,
 * unless the test holds them.
 */
import type { Message, SendOutcome } from '../../gateway/src/domain/message.js';
import type { MessageSender } from '../../gateway/src/outbox/ports.js';

const ACCEPTED: SendOutcome = { kind: 'accepted' };

export interface FakeSender extends MessageSender {
  /** Messages handed over, in order; a repeat counts again. */
  sent: Message[];
  /** Whether sessions can send. */
  ready: boolean;
  /** Outcomes of the next sends, one each; afterwards every send is accepted. An Error is thrown. */
  next: (...outcomes: (SendOutcome | Error)[]) => void;
  /** Holds the sends from now on until the answer is called. */
  hold: () => () => void;
}

export function createFakeSender(): FakeSender {
  const outcomes: (SendOutcome | Error)[] = [];
  let gate: Promise<void> = Promise.resolve();
  const sender: FakeSender = {
    sent: [],
    ready: true,
    next: (...more) => void outcomes.push(...more),
    hold() {
      let release = (): void => undefined;
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    isReady: () => sender.ready,
    async send(_fence, message) {
      sender.sent.push(message);
      await gate;
      const outcome = outcomes.shift() ?? ACCEPTED;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  };
  return sender;
}
