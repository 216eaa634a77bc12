/**
 * Lets what nobody waits for share a write with what is sent next. A write to a socket costs about as much as encrypting
 * a message, and each message that is sent brings a receipt that has to be acknowledged. One per socket, used by
 * `session`; it knows nothing of what is in a frame.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../lib/clock.js';
import { rawSocketOf } from './rawSocket.js';

/** How long a frame waits for company at the most, in milliseconds. */
const COMPANY_MS = 200;

export interface SharedWrites {
  /** What `send` hands to the socket at once leaves with the next frame, or a moment later. */
  withNext: (send: () => void) => void;
}

export interface SharedWritesDeps {
  client: Pick<WASocket, 'ws'>;
  clock: Pick<Clock, 'schedule'>;
}

/** Steps between the client and its raw socket. */
export function shareWrites({ client, clock }: SharedWritesDeps): SharedWrites {
  const raw = rawSocketOf(client);
  let link: Pick<Socket, 'cork' | 'uncork'> | null = null;
  let patient = false;
  let cancel: (() => void) | null = null;

  function flush(): void {
    if (!cancel) return;
    cancel();
    cancel = null;
    link?.uncork();
  }

  function waitForCompany(): void {
    if (!link || cancel) return;
    link.cork();
    cancel = clock.schedule(flush, COMPANY_MS);
  }

  client.ws.on('upgrade', ({ socket }: IncomingMessage) => {
    link = socket;
  });
  if (raw) {
    const send = raw.send.bind(raw);
    const close = raw.close.bind(raw);
    raw.send = (bytes, told) => {
      if (patient) waitForCompany();
      send(bytes, told);
      if (!patient) flush();
    };
    raw.close = (...why) => {
      flush();
      close(...why);
    };
  }

  return {
    withNext(send) {
      patient = true;
      try {
        send();
      } finally {
        patient = false;
      }
    },
  };
}
