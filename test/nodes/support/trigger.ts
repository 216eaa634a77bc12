/**
 * A workflow with only our trigger, and the webhook that the gateway keeps for it.
 */
import { randomBytes } from 'node:crypto';
import type { IDataObject, INode, INodeParameters, Workflow } from 'n8n-workflow';

import { node, toWorkflow } from './engine';
import { callWebhook, signed, type HttpCall, type WebhookRun } from './hooks';

export const newSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`;
export const SECRET = newSecret();
export const URL_PRODUCTION = 'http://n8n.test/webhook/hook-id/sluice';
export const URL_TEST = 'http://n8n.test/webhook-test/hook-id/sluice';

const trigger = (parameters: INodeParameters): INode =>
  node('Trigger', 'n8n-nodes-sluice.incomingMessageTrigger', { webhookId: 'hook-id', parameters });

/** The workflow before its activation. */
export const workflowOf = (parameters: INodeParameters = {}, staticData: IDataObject = {}): Workflow =>
  toWorkflow({ nodes: [trigger(parameters)], connections: {} }, staticData);

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

export const startsExecution = ({ result }: WebhookRun): boolean => result.workflowData !== undefined;
