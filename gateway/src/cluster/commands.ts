/**
 * Questions to the live socket of a session, from a process that does not own it: a row that the owner takes and answers.
 * Knows nothing of what is asked. Who owns the session answers itself and never comes here (see whatsapp/questions).
 */
import { GatewayError, gatewayError, type ErrorCode } from '../domain/error.js';
import type { Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import { createLoop, type Loop } from '../lib/loop.js';
import type { Store } from '../store/index.js';
import type { TakenCommand } from '../store/commands.js';
import type { Bell } from './bell.js';
import { readUntil } from './until.js';

/** How long a question waits for its answer. */
const ANSWER_TIMEOUT_MS = 20_000;
/** Between two looks of the one who asks. */
const LOOK_MS = 100;
const CLEAN_MS = 60_000;

export interface Question {
  sessionId: string;
  kind: string;
  /** JSON, as is the answer. */
  input: unknown;
}

export interface CommandsDeps {
  store: Pick<Store, 'commands'>;
  clock: Clock;
  bell: Bell;
  /** Unique per process start; the same that holds the leases. */
  owner: string;
  /** Answers a question about a session owned here. @throws GatewayError, which the asker gets */
  answer: (question: Question) => Promise<unknown>;
  onError: (error: unknown) => void;
  /** Questions of other processes are seen after this time at the latest, in milliseconds. */
  pollMs: number;
}

export interface Commands {
  /**
   * Has the owner answer, whichever process that is.
   * @throws GatewayError session_not_connected when it does not answer in time, and what the owner throws
   */
  ask: (question: Question) => Promise<unknown>;
  /** Begins to answer for the sessions owned here. */
  start: () => void;
  /** Resolves when the answers in hand are given. */
  stop: () => Promise<void>;
}

/** An answer on its way between two processes. */
type Told =
  | { ok: true; value: unknown }
  | { ok: false; code: ErrorCode; message: string; retryAfterSeconds: number | undefined };

function toldError(error: unknown): Told {
  if (!(error instanceof GatewayError)) throw error;
  const { code, message, retryAfterSeconds } = error;
  return { ok: false, code, message, retryAfterSeconds };
}

/** The other process answers for what was asked; its shape is the asker's to know. */
function read(text: string): unknown {
  const told = JSON.parse(text) as Told;
  if (told.ok) return told.value;
  throw gatewayError(told.code, told.message, {
    ...(told.retryAfterSeconds !== undefined && { retryAfterSeconds: told.retryAfterSeconds }),
  });
}

const silent = (sessionId: string): Error =>
  gatewayError('session_not_connected', `The process that holds session ${sessionId} did not answer.`, {
    retryAfterSeconds: 5,
  });

export function createCommands(deps: CommandsDeps): Commands {
  const { store, clock, bell, owner, onError } = deps;
  const answering = new Set<Promise<void>>();
  let loop: Loop | null = null;
  let cleanedAt = clock.now();

  async function reply({ id, sessionId, kind, input }: TakenCommand): Promise<void> {
    const question = { sessionId, kind, input: JSON.parse(input) as unknown };
    const told = await deps.answer(question).then((value): Told => ({ ok: true, value }), toldError);
    await store.commands.answer(id, JSON.stringify(told));
    bell.ring(`command:${id}`);
  }

  async function step(): Promise<number> {
    const now = clock.now();
    for (const command of await store.commands.take(owner, now)) {
      const answered: Promise<void> = reply(command)
        .catch(onError)
        .finally(() => answering.delete(answered));
      answering.add(answered);
    }
    if (now - cleanedAt >= CLEAN_MS) {
      cleanedAt = now;
      await store.commands.removeExpired(now);
    }
    return deps.pollMs;
  }

  return {
    async ask({ sessionId, kind, input }) {
      const id = newId('cmd');
      const now = clock.now();
      const expiresAt = now + ANSWER_TIMEOUT_MS;
      await store.commands.insert({ id, sessionId, kind, input: JSON.stringify(input), now, expiresAt });
      const answer = await readUntil(deps, {
        topic: `command:${id}`,
        read: () => store.commands.findAnswer(id),
        done: (found) => found !== null,
        timeoutMs: ANSWER_TIMEOUT_MS,
        pollMs: LOOK_MS,
      });
      await store.commands.remove(id);
      if (answer === null) throw silent(sessionId);
      return read(answer);
    },
    start() {
      loop = createLoop({ clock, idleMs: deps.pollMs, step, onError });
    },
    async stop() {
      await loop?.stop();
      await Promise.all(answering);
    },
  };
}
