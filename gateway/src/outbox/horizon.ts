/**
 * Up to which message of the queue everything is known to be on the disk. A message that is not there yet must not be
 * handed to WhatsApp: a power cut would forget it, and its caller, who was not answered, would send it again.
 * Kept by whoever writes messages; the drain loop asks, so that it need not wait for the disk before each send.
 */
import type { Message } from '../domain/message.js';

export interface Horizon {
  /** Everything up to this position is on the disk: positions are given in the order of the commits. */
  reach: (position: number) => void;
  covers: (message: Pick<Message, 'position'>) => boolean;
}

export function createHorizon(): Horizon {
  let reached = -1;
  return {
    reach(position) {
      reached = Math.max(reached, position);
    },
    covers: ({ position }) => position <= reached,
  };
}
