/**
 * The key under which the gateway recognises a repeat of the same message.
 * The same over "Retry On Fail", another one per loop round, item, execution and n8n instance.
 * Used by the nodes that send.
 */
import { createHash } from 'crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

const MAX_LENGTH = 255;
const HEADER_SAFE = /^[\x21-\x7e]+$/;

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
  const key = `${origin}:${executionId}:${context.getNode().name}:${run}:${itemIndex}`;
  // Node names may hold any character; a header may not.
  if (key.length <= MAX_LENGTH && HEADER_SAFE.test(key)) return key;
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
