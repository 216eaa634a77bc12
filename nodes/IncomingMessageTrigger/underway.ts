/**
 * Calls that n8n has not answered yet, and how those that it answered have ended. n8n answers when it has started the
 * workflow, which a limit of executions delays, or when the workflow has finished; see the option "Answer the Gateway".
 * Kept in the memory of the process on purpose: what dies with the process has to start again. Used by delivery.ts.
 */
import type { IWebhookFunctions } from 'n8n-workflow';

import type { DeliveryMark } from '../shared/signature';
import { isTaken, keyOf } from './claims';

/** What Node says of a response: n8n ends it with the workflow, also when the gateway has stopped waiting for it. */
interface Answer {
  writableEnded: boolean;
  statusCode: number;
}

interface Run {
  /** Under which the delivery was signed that started it. */
  timestamp: string;
  answer: Answer;
  attempts: number;
  startedAtMs: number;
  patience: Patience;
}

type State = 'new' | 'replayed' | 'running' | 'repeated';

/** What one answer means: how often a workflow may be started for it, and how long n8n may take for it. */
interface Patience {
  maxAttempts: number;
  limitMs: number;
}

const REMEMBERED_RUNS = 300;

/** n8n says that a workflow has failed in the words in which it says that it could not start it. */
const WHEN_FINISHED: Patience = { maxAttempts: 3, limitMs: Infinity };

/** An answer that n8n has failed to give must not hold the session's events for ever; see claims.ts for what is started twice. */
const AT_ONCE: Patience = { maxAttempts: Infinity, limitMs: 10 * 60_000 };

const runs = new Map<string, Run>();

/** What this delivery is to the workflow. One that n8n could not start, or that failed, starts again, but not for ever. */
export function stateOf(context: IWebhookFunctions, mark: DeliveryMark): State {
  const run = runs.get(keyOf(context, mark.id));
  if (run?.timestamp === mark.timestamp) return 'replayed';
  if (isTaken(context, mark.id)) return 'repeated';
  if (run === undefined) return 'new';
  if (!run.answer.writableEnded) return isLate(run) ? 'new' : 'running';
  return run.answer.statusCode >= 500 && run.attempts < run.patience.maxAttempts ? 'new' : 'repeated';
}

const isLate = ({ startedAtMs, patience }: Run): boolean => Date.now() - startedAtMs > patience.limitMs;

/** Notes that the workflow starts now for this delivery. */
export function noteStart(context: IWebhookFunctions, mark: DeliveryMark, whenFinished: boolean): void {
  const key = keyOf(context, mark.id);
  const attempts = (runs.get(key)?.attempts ?? 0) + 1;
  runs.delete(key);
  runs.set(key, {
    timestamp: mark.timestamp,
    answer: context.getResponseObject(),
    attempts,
    startedAtMs: Date.now(),
    patience: whenFinished ? WHEN_FINISHED : AT_ONCE,
  });
  const [oldest] = runs.keys();
  if (runs.size > REMEMBERED_RUNS && oldest !== undefined) runs.delete(oldest);
}
