/**
 * Writing accepted messages, and finding what an idempotency key made before. Used by enqueue and batch.
 */
import type { Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import type { Message } from '../domain/message.js';
import type { Session } from '../domain/session.js';
import type { Nouns } from '../store/index.js';
import type { MessageInsert } from '../store/messages.js';
import { admit } from './admit.js';
import { messageEvent } from './messageEvent.js';
import type { OutboxDeps } from './ports.js';
import type { Enqueued, Idempotency } from './types.js';

/** A message that has passed all checks, and the key that it is to be sent once under. */
export interface Writable {
  row: MessageInsert;
  session: Session;
  idempotency: Idempotency | null;
}

export type Replay = (caller: Caller, idempotency: Idempotency) => Promise<Enqueued | null>;

/** The message that a key made before; null when the key is new. @throws GatewayError idempotency_key_reused */
export const createReplay =
  ({ store }: Pick<OutboxDeps, 'store'>): Replay =>
  async (caller, idempotency) => {
    const record = await store.idempotency.find(caller.keyId, idempotency.key);
    if (!record) return null;
    if (record.bodyHash !== idempotency.bodyHash) throw gatewayError('idempotency_key_reused');
    const message = await store.messages.find(record.messageId);
    return message && { message, replayed: true };
  };

/**
 * Key, row and event in the caller's transaction; null, and nothing written, when the key is taken.
 * @throws GatewayError as admit; the key is written then, and the caller rolls back
 */
export async function writeMessage(
  publisher: OutboxDeps['publisher'],
  tx: Nouns,
  { row, session, idempotency }: Writable,
): Promise<Message | null> {
  if (idempotency !== null) {
    const record = { scope: row.keyId ?? '', messageId: row.id, now: row.queuedAt, ...idempotency };
    if (!(await tx.idempotency.insert(record))) return null;
  }
  if (row.campaignId !== null) {
    // In the transaction that writes the message, so that nothing of a paused or cancelled campaign slips through.
    const campaign = await tx.campaigns.lock(row.campaignId);
    if (campaign?.state !== 'running') throw gatewayError('invalid_state', 'The campaign does not run.');
  }
  const standing = await admit(tx, session, row);
  const inserted = await tx.messages.insert({ ...row, standing });
  const event = messageEvent(inserted, inserted.status);
  if (event) await publisher.publish(tx, event);
  return inserted;
}
