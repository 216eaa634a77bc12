/**
 * Asks the sender's phone to upload a file again that WhatsApp's servers have deleted (they keep files for some weeks).
 * Done here rather than with Baileys' updateMediaMessage, which waits without a limit. Used by downloads.
 */
import { randomUUID } from 'node:crypto';
import {
  decryptMediaRetryData,
  encryptMediaRetryRequest,
  proto,
  type BaileysEventMap,
  type WAMessageKey,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { Clock } from '../lib/clock.js';
import type { StanzaAttributes } from '../store/inbox.js';

/** What the phone says: where the file is now, or that it does not have it either. Null: no answer. */
export type ReuploadAnswer = { directPath: string } | 'missing' | null;

type MediaUpdate = BaileysEventMap['messages.media-update'][number];

const ANSWER_LIMIT_MS = 20_000;
const { ResultType } = proto.MediaRetryNotification;

const keyOf = (stanza: StanzaAttributes): WAMessageKey => ({
  id: stanza.id ?? randomUUID(),
  remoteJid: stanza.from ?? '',
  fromMe: false,
  ...(stanza.participant === undefined ? {} : { participant: stanza.participant }),
});

/** @throws Error when the answer cannot be decrypted */
function read({ media, error }: MediaUpdate, mediaKey: Uint8Array, messageId: string): ReuploadAnswer {
  // The phone says no without a reason that would make another try worth while.
  if (error || !media) return 'missing';
  const { result, directPath } = decryptMediaRetryData(media, mediaKey, messageId);
  if (result === ResultType.SUCCESS && directPath) return { directPath };
  return result === ResultType.NOT_FOUND ? 'missing' : null;
}

export interface ReuploadDeps {
  client: WASocket;
  clock: Clock;
  /** Ends the wait early. */
  signal: AbortSignal;
}

export interface ReuploadRequest {
  stanza: StanzaAttributes;
  mediaKey: Uint8Array;
}

/** Asks, and waits for the answer. @throws whatever the socket throws */
export async function askForReupload(
  { client, clock, signal }: ReuploadDeps,
  { stanza, mediaKey }: ReuploadRequest,
): Promise<ReuploadAnswer> {
  const key = keyOf(stanza);
  const me = client.authState.creds.me?.id;
  if (me === undefined) return null;
  const answered = new Promise<MediaUpdate | null>((resolve) => {
    const giveUp = (): void => {
      end(null);
    };
    const cancel = clock.schedule(giveUp, ANSWER_LIMIT_MS);
    signal.addEventListener('abort', giveUp, { once: true });
    const hear = (updates: MediaUpdate[]): void => {
      const found = updates.find((update) => update.key.id === key.id);
      if (found) end(found);
    };
    function end(update: MediaUpdate | null): void {
      cancel();
      signal.removeEventListener('abort', giveUp);
      client.ev.off('messages.media-update', hear);
      resolve(update);
    }
    client.ev.on('messages.media-update', hear);
  });
  await client.sendNode(encryptMediaRetryRequest(key, mediaKey, me));
  const update = await answered;
  return update && read(update, mediaKey, key.id ?? '');
}
