/**
 * The ways in which a socket is ended; each makes Baileys report a closed connection. Used by `session`.
 */
import type { WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../lib/clock.js';
import type { Disconnect } from './disconnect.js';
import { rawSocketOf } from './rawSocket.js';

/** How long the other side has to answer WebSocket's farewell; ws itself would wait 30 s. */
const FAREWELL_MS = 2_000;

const CLOSED_HERE: Disconnect = { code: 428, message: 'closed by the gateway' };

export interface Endings {
  /** Says goodbye and resolves when the connection is gone, soon even on a dead link. */
  end: (disconnect?: Disconnect) => Promise<void>;
  /** The same, without waiting for it. */
  giveUp: (code: number, message: string) => void;
  /** Ends a link that is known to be dead, without a farewell. */
  cutOff: (code: number, message: string) => void;
}

/** An error in the shape in which Baileys reports why a socket ended. */
const closingError = ({ code, message }: Disconnect): Error =>
  Object.assign(new Error(message), { output: { statusCode: code } });

/** Ends the TCP connection without WebSocket's farewell, for which ws would wait 30 s on a dead link. */
const terminate = (client: Pick<WASocket, 'ws'>): void => rawSocketOf(client)?.terminate();

export interface EndingsDeps {
  client: Pick<WASocket, 'end' | 'ws'>;
  clock: Clock;
  onError: (error: unknown) => void;
}

export function createEndings({ client, clock, onError }: EndingsDeps): Endings {
  async function end(disconnect: Disconnect = CLOSED_HERE): Promise<void> {
    const cancel = clock.schedule(() => terminate(client), FAREWELL_MS);
    try {
      // Baileys' type says that end returns nothing; rc14 returns the promise of the closed WebSocket.
      await Promise.resolve(client.end(closingError(disconnect)));
    } finally {
      cancel();
    }
  }

  const giveUp = (code: number, message: string): void => void end({ code, message }).catch(onError);

  const cutOff = (code: number, message: string): void => {
    giveUp(code, message);
    terminate(client);
  };

  return { end, giveUp, cutOff };
}
