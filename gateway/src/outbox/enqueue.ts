/**
 * Accepts a message: checks it, chooses its session and its WhatsApp id, and stores it durably with its idempotency key
 * and event in one transaction. Nothing is sent here; the drain loop does that.
 */
import type { Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import type { Message } from '../domain/message.js';
import type { Horizon } from './horizon.js';
import type { OutboxDeps } from './ports.js';
import { createChecks } from './checks.js';
import { createPrepare, dropFile } from './prepare.js';
import type { Enqueued, Idempotency, NewMessage } from './types.js';
import { createReplay, writeMessage, type Writable } from './write.js';

type EnqueueDeps = Pick<OutboxDeps, 'store' | 'clock' | 'bell' | 'publisher' | 'recipients'> & {
  horizon: Pick<Horizon, 'reach'>;
};

/** Thrown to roll back when a parallel request took the idempotency key first. */
class KeyTaken extends Error {}

export function createEnqueue(deps: EnqueueDeps) {
  const { store, bell, publisher, horizon } = deps;
  const checks = createChecks(deps);
  const prepare = createPrepare(deps);
  const replay = createReplay(deps);

  /** One transaction: key, row and event, or nothing. */
  async function write(writable: Writable): Promise<Message> {
    const { sessionId } = writable.row;
    const stored = await store.transaction(async (tx) => {
      if (!(await tx.sessions.hold(sessionId)))
        throw gatewayError('session_not_found', `There is no session ${sessionId}.`);
      const inserted = await writeMessage(publisher, tx, writable);
      if (!inserted) throw new KeyTaken();
      return inserted;
    });
    horizon.reach(stored.position);
    publisher.committed();
    bell.ring(`outbox:${stored.sessionId}`);
    return stored;
  }

  return async function enqueue(
    caller: Caller,
    input: NewMessage,
    idempotency: Idempotency | null,
  ): Promise<Enqueued> {
    const known = idempotency && (await replay(caller, idempotency));
    if (known) return known;
    const { row: message, session } = await prepare(caller, input);
    try {
      await checks.refuseWhenFull(session);
      if (input.dryRun === true) {
        await dropFile(input);
        return { message: { ...message, position: 0 }, replayed: false };
      }
      return { message: await write({ row: message, session, idempotency }), replayed: false, session };
    } catch (error) {
      await dropFile(input);
      const winner = error instanceof KeyTaken && idempotency ? await replay(caller, idempotency) : null;
      if (winner) return winner;
      throw error;
    }
  };
}
