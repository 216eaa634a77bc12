/**
 * Which execution has an event. When n8n is stopped after it has written an execution down and before it answers, it runs
 * that execution after its start, and the gateway, which got no answer, delivers the event again: two executions, of which
 * one may go on. Called by the node's execute function, which n8n runs at the beginning of each execution.
 * Kept in the memory of the process on purpose: what a crash cuts off has to run again.
 */
import type { IExecuteFunctions, INodeExecutionData, IWebhookFunctions } from 'n8n-workflow';

import { eventIdOf } from '../shared/eventId';

/** The ID of the execution that has an event, by keyOf. */
const claims = new Map<string, string>();
const REMEMBERED_CLAIMS = 2000;

/** Workflows, and production and test of one workflow, get the same event each for itself. */
export function keyOf(context: IExecuteFunctions | IWebhookFunctions, eventId: string): string {
  return [context.getWorkflow().id ?? '', context.getNode().name, context.getMode(), eventId].join('\n');
}

/** Whether an execution of this process has the event. */
export const isTaken = (context: IWebhookFunctions, eventId: string): boolean =>
  claims.has(keyOf(context, eventId));

/** Claims the event. @returns the ID of the execution that has it */
function claim(context: IExecuteFunctions, eventId: string): string {
  const key = keyOf(context, eventId);
  const owner = claims.get(key);
  if (owner !== undefined) return owner;
  const executionId = context.getExecutionId();
  claims.set(key, executionId);
  const [oldest] = claims.keys();
  if (claims.size > REMEMBERED_CLAIMS && oldest !== undefined) claims.delete(oldest);
  return executionId;
}

/** Ends the execution at its first node, and says why in its output. */
function endWithoutItems(context: IExecuteFunctions, message: string): INodeExecutionData[][] {
  context.addExecutionHints({ message, location: 'outputPane' });
  return [[]];
}

/** What n8n knows of a run and tells no node: set when it takes up an execution that it had written down (seen on 2.41). */
interface Internals {
  additionalData?: { restartExecutionId?: string };
}

const isTakenUp = (context: IExecuteFunctions): boolean =>
  (context as Internals).additionalData?.restartExecutionId !== undefined;

/** The items of the event for the first execution that asks for them, nothing for another. */
export function takeEvent(context: IExecuteFunctions): INodeExecutionData[][] {
  const items = context.getInputData();
  const eventId = eventIdOf(items[0]?.json);
  // Whoever runs a workflow by hand, or retries an execution, wants it to run.
  if (context.getMode() !== 'webhook' || eventId === undefined) return [items];
  const { answer } = context.getNodeParameter('options', 0, {}) as { answer?: unknown };
  if (answer === 'finished') {
    // The event is the gateway's until it has its answer, and n8n answers for an execution that it has not taken up only.
    if (!isTakenUp(context)) return [items];
    return endWithoutItems(context, 'n8n was stopped meanwhile: another execution runs for this event.');
  }
  const owner = claim(context, eventId);
  if (owner === context.getExecutionId()) return [items];
  return endWithoutItems(context, `Execution ${owner} runs for this event: it was delivered again.`);
}
