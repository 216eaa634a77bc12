/**
 * Events whose workflow is answered for when it has finished: which run now, and how those that ran have ended.
 * Kept in the memory of the process on purpose: what dies with the process has to start again. Used by delivery.ts.
 */
import type { IWebhookFunctions } from 'n8n-workflow';

import type { DeliveryMark } from '../shared/signature';

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
}

type State = 'new' | 'replayed' | 'running' | 'repeated';

const REMEMBERED_RUNS = 300;
const MAX_ATTEMPTS = 3;

const runs = new Map<string, Run>();

/** Workflows, and production and test of one workflow, get the same event each for itself. */
function keyOf(context: IWebhookFunctions, { id }: DeliveryMark): string {
  return [context.getWorkflow().id ?? '', context.getNode().name, context.getMode(), id].join('\n');
}

/** What this delivery is to the workflow. One that n8n could not start, or that failed, starts again, but not for ever. */
export function stateOf(context: IWebhookFunctions, mark: DeliveryMark): State {
  const run = runs.get(keyOf(context, mark));
  if (run === undefined) return 'new';
  if (run.timestamp === mark.timestamp) return 'replayed';
  if (!run.answer.writableEnded) return 'running';
  return run.answer.statusCode >= 500 && run.attempts < MAX_ATTEMPTS ? 'new' : 'repeated';
}

/** Notes that the workflow starts now for this delivery. */
export function noteStart(context: IWebhookFunctions, mark: DeliveryMark): void {
  const key = keyOf(context, mark);
  const attempts = (runs.get(key)?.attempts ?? 0) + 1;
  runs.delete(key);
  runs.set(key, { timestamp: mark.timestamp, answer: context.getResponseObject(), attempts });
  const [oldest] = runs.keys();
  if (runs.size > REMEMBERED_RUNS && oldest !== undefined) runs.delete(oldest);
}
