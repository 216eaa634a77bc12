/**
 * Accepts many messages: each is checked by itself, those that pass are written in one transaction in the order given.
 * What one message comes to is its own: a refusal never touches the others.
 */
import type { Caller } from '../domain/apiKey.js';
import { gatewayError, GatewayError } from '../domain/error.js';
import type { Message } from '../domain/message.js';
import { resolvePolicy } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import { mapBounded } from '../lib/mapBounded.js';
import type { Nouns, Store } from '../store/index.js';
import { createChecks } from './checks.js';
import type { Horizon } from './horizon.js';
import type { OutboxDeps } from './ports.js';
import { createPrepare, dropFile, type Prepared } from './prepare.js';
import { referenceOf } from './targets.js';
import type { Enqueued, NewMessage, Submission } from './types.js';
import { createReplay, writeMessage, type Replay, type Writable } from './write.js';

type BatchDeps = Pick<OutboxDeps, 'store' | 'clock' | 'bell' | 'publisher' | 'recipients'> & {
  horizon: Pick<Horizon, 'reach'>;
};

/** Messages that are judged at the same time; those asked for together share their questions to WhatsApp. */
const JUDGED_AT_ONCE = 50;
/** Files that are fetched at the same time. */
const FETCHED_AT_ONCE = 8;

/** One that is ready to be written, with what it was asked as. */
type Ready = Prepared & Writable & { input: NewMessage };
type Verdict = Enqueued | Error | Ready;
type Written = Message | GatewayError | null;

const atOnce = (submissions: Submission[]): number =>
  submissions.some(({ message }) => message.content.type === 'file') ? FETCHED_AT_ONCE : JUDGED_AT_ONCE;

type LeastBusy = () => Promise<Session>;

/** Asked for once, when it is first needed. */
function once(choose: LeastBusy): LeastBusy {
  let chosen: Promise<Session> | undefined;
  return () => (chosen ??= choose());
}

/** One that names no session, nor a message that has one, goes with the others of its part to the least busy. */
const withSession = async (message: NewMessage, leastBusy: LeastBusy): Promise<NewMessage> =>
  message.sessionId === undefined && referenceOf(message) === undefined
    ? { ...message, sessionId: (await leastBusy()).id }
    : message;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Turns what no longer fits into a session's queue into refusals. */
async function refuseOverflow(store: Store, verdicts: Verdict[]): Promise<Verdict[]> {
  const room = new Map<string, number>();
  const judged: Verdict[] = [];
  for (const verdict of verdicts) {
    if (!('row' in verdict)) {
      judged.push(verdict);
      continue;
    }
    const { id, policy } = verdict.session;
    const { queueMax } = resolvePolicy(policy);
    const left = room.get(id) ?? (queueMax ?? Infinity) - (await store.messages.countWaiting(id));
    room.set(id, left - 1);
    if (left <= 0) await dropFile(verdict.input);
    judged.push(left > 0 ? verdict : gatewayError('queue_full', `The queue of session ${id} is full.`));
  }
  return judged;
}

/** What became of a message that was not written: its key was taken meanwhile, or its session is gone. */
async function lost(
  replay: Replay,
  caller: Caller,
  { idempotency, row }: Writable,
): Promise<Enqueued | Error> {
  try {
    const winner = idempotency && (await replay(caller, idempotency));
    return winner ?? gatewayError('session_not_found', `There is no session ${row.sessionId}.`);
  } catch (error) {
    return asError(error);
  }
}

const positionOf = (written: Written): number => (written && 'position' in written ? written.position : -1);

/** One of them; a refusal is its own, and gives its key back. */
async function writeOne(publisher: OutboxDeps['publisher'], tx: Nouns, writable: Writable): Promise<Written> {
  try {
    return await writeMessage(publisher, tx, writable);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { row, idempotency } = writable;
    if (idempotency) await tx.idempotency.remove(row.keyId ?? '', idempotency.key);
    return error;
  }
}

export function createBatch(deps: BatchDeps) {
  const { store, bell, publisher, horizon } = deps;
  const prepare = createPrepare(deps);
  const checks = createChecks(deps);
  const replay = createReplay(deps);

  async function judge(
    caller: Caller,
    { message, idempotency }: Submission,
    leastBusy: LeastBusy,
  ): Promise<Verdict> {
    try {
      const known = idempotency && (await replay(caller, idempotency));
      if (known) return known;
      const input = await withSession(message, leastBusy);
      return { ...(await prepare(caller, input)), idempotency, input };
    } catch (error) {
      return asError(error);
    }
  }

  /** All of them in one transaction; null for one whose key a parallel request took. */
  async function write(writables: Writable[]): Promise<Written[]> {
    const sessionIds = new Set(writables.map(({ row }) => row.sessionId));
    const written = await store.transaction(async (tx) => {
      const held = new Set<string>();
      // In one order for everybody, so that two batches never wait for one another.
      for (const id of [...sessionIds].sort()) if (await tx.sessions.hold(id)) held.add(id);
      const messages: Written[] = [];
      for (const writable of writables) {
        messages.push(held.has(writable.row.sessionId) ? await writeOne(publisher, tx, writable) : null);
      }
      return messages;
    });
    horizon.reach(Math.max(...written.map(positionOf)));
    publisher.committed();
    for (const id of sessionIds) bell.ring(`outbox:${id}`);
    return written;
  }

  return async function enqueueMany(
    caller: Caller,
    submissions: Submission[],
  ): Promise<(Enqueued | Error)[]> {
    const leastBusy = once(() => checks.chooseSession(caller, undefined));
    const judged = await mapBounded(submissions, atOnce(submissions), (submission) =>
      judge(caller, submission, leastBusy),
    );
    const verdicts = await refuseOverflow(store, judged);
    const writables = verdicts.filter((verdict) => 'row' in verdict);
    const written = writables.length === 0 ? [] : await write(writables);
    const answers: (Enqueued | Error)[] = [];
    for (const verdict of verdicts) {
      if (!('row' in verdict)) {
        answers.push(verdict);
        continue;
      }
      const message = written.shift() ?? null;
      if (message === null || message instanceof Error) await dropFile(verdict.input);
      if (message instanceof Error) answers.push(message);
      else answers.push(message ? { message, replayed: false } : await lost(replay, caller, verdict));
    }
    return answers;
  };
}
