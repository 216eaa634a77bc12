/**
 * The key under which the gateway recognises a repeat of the same message.
 * The same over "Retry On Fail" and over two executions of one event; another one per loop round, item, execution and
 * n8n instance. Used by the nodes that send.
 */
import { createHash } from 'crypto';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { eventIdOf } from './eventId';

const MAX_LENGTH = 255;
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** The event in the output of a trigger; undefined when it did not run. */
function eventOf(context: IExecuteFunctions, trigger: string): string | undefined {
  try {
    const json = context.evaluateExpression(`{{ $(${JSON.stringify(trigger)}).first().json }}`, 0);
    return eventIdOf((json ?? undefined) as IDataObject | undefined);
  } catch {
    // n8n throws for a node that has no data in this execution: another trigger has started it.
    return undefined;
  }
}

/** What was found for a run of a node: the same for all its items. */
const found = new WeakMap<IExecuteFunctions, { event: string | undefined }>();

/**
 * The event that has started this execution. n8n that is stopped while it writes an execution down runs it after its
 * start, and the gateway, which got no answer, delivers the event again: two executions, which must not send twice.
 */
function startingEvent(context: IExecuteFunctions): string | undefined {
  // Whoever runs a workflow by hand, or retries an execution, wants it to send.
  if (context.getMode() !== 'webhook') return undefined;
  const triggers = context
    .getParentNodes(context.getNode().name)
    .filter(({ type }) => type.endsWith('.incomingMessageTrigger'));
  for (const { name } of triggers) {
    const event = eventOf(context, name);
    if (event !== undefined) return event;
  }
  return undefined;
}

/**
 * The key of one item, or undefined when n8n gives no execution ID to tell executions apart.
 * The instance and workflow come first because execution numbers of two n8n servers are equal.
 */
export function idempotencyKey(context: IExecuteFunctions, itemIndex: number): string | undefined {
  const executionId = context.getExecutionId();
  // n8n hands the text "undefined" or a placeholder to executions that it does not store.
  if (!/^[\w-]*\d[\w-]*$/.test(executionId)) return undefined;
  const run = Number(context.getWorkflowDataProxy(itemIndex).$runIndex);
  const origin = `${context.getInstanceId().slice(0, 12)}:${context.getWorkflow().id ?? ''}`;
  const known = found.get(context) ?? { event: startingEvent(context) };
  found.set(context, known);
  const cause = known.event ?? executionId;
  const key = `${origin}:${cause}:${context.getNode().name}:${run}:${itemIndex}`;
  // Node names may hold any character; a header may not.
  if (key.length <= MAX_LENGTH && HEADER_SAFE.test(key)) return key;
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
