/**
 * A workflow with only our trigger, and the webhook that the gateway keeps for it.
 */
import { randomBytes } from 'node:crypto';
import { WorkflowExecute } from 'n8n-core';
import {
  createRunExecutionData,
  type IDataObject,
  type INode,
  type INodeExecutionData,
  type INodeParameters,
  type Workflow,
  type WorkflowExecuteMode,
} from 'n8n-workflow';

import { additionalData, node, toWorkflow } from './engine';
import { callWebhook, signed, type HttpCall, type WebhookRun } from './hooks';

export const newSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`;
export const SECRET = newSecret();
export const URL_PRODUCTION = 'http://n8n.test/webhook/hook-id/sluice';
export const URL_TEST = 'http://n8n.test/webhook-test/hook-id/sluice';

const trigger = (parameters: INodeParameters): INode =>
  node('Trigger', 'n8n-nodes-sluice.incomingMessageTrigger', { webhookId: 'hook-id', parameters });

let workflows = 0;

/** The workflow before its activation, one of its own each time: the trigger remembers events by workflow. */
export function workflowOf(parameters: INodeParameters = {}, staticData: IDataObject = {}): Workflow {
  const workflow = toWorkflow({ nodes: [trigger(parameters)], connections: {} }, staticData);
  workflow.id = `wf${(workflows += 1)}`;
  return workflow;
}

/** The workflow after its activation. */
export const registered = (parameters: INodeParameters = {}): Workflow =>
  workflowOf(parameters, {
    'node:Trigger': { webhooks: { '/webhook/hook-id/sluice': { id: 'whk_1', secret: SECRET } } },
  });

/** A call of the webhook with these headers. */
export const call = async (
  workflow: Workflow,
  body: Buffer,
  headers: Record<string, string>,
  more: Partial<HttpCall> = {},
): Promise<WebhookRun> =>
  await callWebhook(workflow, Object.values(workflow.nodes)[0] as INode, { body, headers, ...more });

/** A genuine delivery. */
export const deliver = async (workflow: Workflow, id: string, body: Buffer): Promise<WebhookRun> =>
  await call(workflow, body, signed(SECRET, { id: id, body: body }));

interface Execution {
  id: string;
  mode?: WorkflowExecuteMode;
  /** Whether n8n had written it down before it was stopped, and takes it up after its start. */
  takenUp?: boolean;
}

export interface ExecutionRun {
  items: INodeExecutionData[];
  hints: string[];
}

/** Runs the trigger at the beginning of an execution, as n8n does with what its webhook has given. */
export async function execute(
  workflow: Workflow,
  { result }: WebhookRun,
  { id, mode = 'webhook', takenUp = false }: Execution,
): Promise<ExecutionRun> {
  const [own] = Object.values(workflow.nodes);
  if (own === undefined) throw new Error('The workflow has no node');
  const data = { main: result.workflowData ?? [] };
  const stack = [{ node: own, data, source: null }];
  const given = additionalData(workflow, { executionId: id, mode });
  if (takenUp) given.restartExecutionId = id;
  const run = createRunExecutionData({ executionData: { nodeExecutionStack: stack } });
  const ended = await new WorkflowExecute(given, mode, run).processRunExecutionData(workflow);
  const [task] = ended.data.resultData.runData[own.name] ?? [];
  return {
    items: task?.data?.main?.[0] ?? [],
    hints: (task?.hints ?? []).map(({ message }) => message),
  };
}

export const startsExecution = ({ result }: WebhookRun): boolean => result.workflowData !== undefined;
