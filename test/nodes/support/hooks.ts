/**
 * The life of a trigger as n8n runs it: hook functions on activation and deactivation, and calls of its webhook,
 * in n8n's own HookContext and WebhookContext.
 */
import { createHmac } from 'node:crypto';
import { HookContext, WebhookContext } from 'n8n-core';
import type {
  INode,
  IWebhookData,
  IWebhookDescription,
  IWebhookResponseData,
  Workflow,
  WorkflowExecuteMode,
} from 'n8n-workflow';

import { additionalData, type NodeRun } from './engine';
import { nodeTypes } from './nodeTypes';

function webhookData(workflow: Workflow, own: INode, isTest: boolean): IWebhookData {
  const description = nodeTypes.getByNameAndVersion(own.type).description.webhooks?.[0];
  return {
    httpMethod: 'POST',
    node: own.name,
    path: 'sluice',
    webhookDescription: description as IWebhookDescription,
    workflowId: workflow.id,
    workflowExecuteAdditionalData: additionalData(workflow),
    isTest,
  };
}

/** Calls one hook function of the node, in production or for a test event. */
export async function callHook(
  workflow: Workflow,
  name: 'checkExists' | 'create' | 'delete',
  isTest = false,
): Promise<boolean> {
  const own = Object.values(workflow.nodes)[0] as INode;
  const mode: WorkflowExecuteMode = isTest ? 'manual' : 'trigger';
  const data = webhookData(workflow, own, isTest);
  const context = new HookContext(
    workflow,
    own,
    data.workflowExecuteAdditionalData,
    mode,
    isTest ? 'manual' : 'activate',
    data,
  );
  const hook = nodeTypes.getByNameAndVersion(own.type).webhookMethods?.default?.[name];
  if (hook === undefined) throw new Error(`The node has no ${name}`);
  return await hook.call(context);
}

/** What n8n does on activation: create unless the webhook exists. */
export async function activate(workflow: Workflow, isTest = false): Promise<void> {
  if (!(await callHook(workflow, 'checkExists', isTest))) await callHook(workflow, 'create', isTest);
}

export interface HttpCall {
  headers?: Record<string, string>;
  body: Buffer;
  query?: Record<string, string>;
  /** Whether n8n has read the body already; it has for JSON. */
  unread?: boolean;
  /** Whether n8n is being stopped: its server takes no connections any more. */
  stopping?: boolean;
}

export interface WebhookRun {
  result: IWebhookResponseData;
  /** What the node answered by itself, if it did. */
  status: number | undefined;
  answer: unknown;
  /** Headers that the node has set. */
  headers: Record<string, string>;
  /** n8n answers with this status, as it does when the workflow has finished. */
  finish(status: number): void;
}

/** Calls the webhook of the node. `run` is the waiting execution when the node resumes one. */
export async function callWebhook(
  workflow: Workflow,
  own: INode,
  call: HttpCall & { run?: NodeRun['run'] },
): Promise<WebhookRun> {
  const outcome: WebhookRun = {
    result: {},
    status: undefined,
    answer: undefined,
    headers: {},
    finish(status) {
      Object.assign(response, { statusCode: status, writableEnded: true });
    },
  };
  const response = {
    statusCode: 200,
    writableEnded: false,
    status(code: number) {
      outcome.status = code;
      return response;
    },
    setHeader(name: string, value: string) {
      outcome.headers[name.toLowerCase()] = value;
      return response;
    },
    json(body: unknown) {
      outcome.answer = body;
      return response;
    },
  };
  const request = {
    headers: call.headers ?? {},
    query: call.query ?? {},
    params: {},
    body: parsed(call.body),
    socket: { server: { listening: call.stopping !== true } },
    rawBody: call.unread === true ? undefined : call.body,
    async readRawBody() {
      request.rawBody = call.body;
      await Promise.resolve();
    },
  };
  const data = {
    ...additionalData(workflow),
    httpRequest: request,
    httpResponse: response,
  } as unknown as ReturnType<typeof additionalData>;
  const context = new WebhookContext(
    workflow,
    own,
    data,
    'webhook',
    webhookData(workflow, own, false),
    [],
    call.run?.data ?? null,
  );
  const type = nodeTypes.getByNameAndVersion(own.type);
  if (type.webhook === undefined) throw new Error('The node has no webhook');
  outcome.result = await type.webhook.call(context);
  return outcome;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return {};
  }
}

/** Headers of a delivery as Standard Webhooks wants them. */
export function signed(
  secret: string,
  delivery: { id: string; body: Buffer; timestamp?: number },
): Record<string, string> {
  const { id, body, timestamp = Math.floor(Date.now() / 1000) } = delivery;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` };
}

/** A received message as the gateway delivers it. */
export function received(
  id: string,
  data: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Buffer {
  const event = {
    id,
    seq: 1,
    type: 'message.received',
    timestamp: '2026-11-20T10:00:00.000Z',
    sessionId: 'main',
    data: {
      messageId: '3EB0BBBB',
      from: {
        phone: '4915112345678',
        lid: '111222333@lid',
        jid: '4915112345678@s.whatsapp.net',
        name: 'Ann',
      },
      chat: { jid: '4915112345678@s.whatsapp.net', kind: 'direct', name: null },
      kind: 'text',
      text: 'Hello there',
      media: null,
      location: null,
      contacts: null,
      quoted: null,
      mentions: [],
      sentAt: '2026-11-20T09:59:58.000Z',
      ...data,
    },
    ...more,
  };
  return Buffer.from(JSON.stringify(event));
}
