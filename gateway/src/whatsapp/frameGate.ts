/**
 * Lets nothing out of a socket that speaks of a message which is not on the disk yet. Baileys decrypts, receipts and
 * goes on to the next message; waiting for the disk in between would leave it idle for most of a burst. So it goes on,
 * and what it sends waits here, in its order. One per socket, used by `session`.
 */
import type { WASocket } from '@whiskeysockets/baileys';
import { rawSocketOf } from './rawSocket.js';

export interface FrameGateDeps {
  client: Pick<WASocket, 'ws'>;
  /** Resolves when what the frame may speak of is on the disk; null: it is. */
  syncing: () => Promise<void> | null;
  /** The disk failed. What waited was not sent and never will be. */
  onFailed: (error: unknown) => void;
}

/** Steps between the client and its raw socket. */
export function gateFrames({ client, syncing, onFailed }: FrameGateDeps): void {
  const socket = rawSocketOf(client);
  if (!socket) return;
  const send = socket.send.bind(socket);
  const waiting: { bytes: Uint8Array; ready: Promise<void> | null }[] = [];
  let failed = false;

  async function run(): Promise<void> {
    for (let [next] = waiting; next; [next] = waiting) {
      await next.ready;
      waiting.shift();
      // A socket that has closed meanwhile says so itself.
      send(next.bytes, () => undefined);
    }
  }

  function hold(bytes: Uint8Array, ready: Promise<void> | null): void {
    waiting.push({ bytes, ready });
    if (waiting.length > 1) return;
    run().catch((error: unknown) => {
      failed = true;
      onFailed(error);
    });
  }

  socket.send = (bytes, told) => {
    if (failed) {
      told?.(new Error('The database could not keep what came before.'));
      return;
    }
    const ready = syncing();
    if (ready === null && waiting.length === 0) {
      send(bytes, told);
      return;
    }
    hold(bytes, ready);
    // It is on its way as far as Baileys is concerned, which would else wait with the next message.
    told?.();
  };
}
