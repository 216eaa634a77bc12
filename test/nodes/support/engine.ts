/**
 * Runs workflows in n8n's own execution engine (`WorkflowExecute` of n8n-core): no hand-made contexts.
 * `runNode` runs one of our nodes on given items; `runWorkflow` runs a whole workflow, for example of examples/.
 */
import './setup';

import { Container } from '@n8n/di';
import { ExecutionLifecycleHooks, ExternalSecretsProxy, WorkflowExecute } from 'n8n-core';
import {
  Workflow,
  createRunExecutionData,
  type IConnections,
  type ICredentialDataDecryptedObject,
  type IDataObject,
  type INode,
  type INodeExecutionData,
  type IPinData,
  type IRun,
  type IRunExecutionData,
  type IWorkflowBase,
  type IWorkflowExecuteAdditionalData,
  type NodeParameterValueType,
  type WorkflowExecuteMode,
} from 'n8n-workflow';
import { SSHClientsManager } from 'n8n-core/dist/execution-engine/ssh-clients-manager';

import { API_KEY, BASE_URL, TestCredentials } from './credentials';
import { nodeTypes } from './nodeTypes';

// n8n-core starts a timer with its first context and stops it when n8n ends.
afterAll(() => {
  Container.get(SSHClientsManager).onShutdown();
});

export const EXECUTION_ID = '4711';
const WORKFLOW_ID = 'wf1';
export const NODE = 'Under test';

const notNeeded = (): never => {
  throw new Error('Not needed in these tests');
};

interface Settings {
  executionId?: string;
  mode?: WorkflowExecuteMode;
  credential?: ICredentialDataDecryptedObject;
  /** Where n8n takes webhook calls. */
  webhookBaseUrl?: string;
}

/** What a test file says once for all its runs, such as the address of a live gateway. */
export const surroundings: Settings = {};

/** What n8n's command line part gives to the engine. */
export function additionalData(workflow: Workflow, given: Settings = {}): IWorkflowExecuteAdditionalData {
  const settings = { ...surroundings, ...given };
  const { executionId = EXECUTION_ID, mode = 'manual' } = settings;
  const workflowData: IWorkflowBase = {
    id: workflow.id,
    name: workflow.name ?? '',
    active: false,
    isArchived: false,
    activeVersionId: null,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    nodes: Object.values(workflow.nodes),
    connections: workflow.connectionsBySourceNode,
  };
  return {
    credentialsHelper: new TestCredentials(settings.credential ?? { baseUrl: BASE_URL, apiKey: API_KEY }),
    executeWorkflow: notNeeded,
    getRunExecutionData: notNeeded,
    executionId,
    externalSecretsProxy: Container.get(ExternalSecretsProxy),
    currentNodeExecutionIndex: 0,
    restApiUrl: 'http://n8n.test/rest',
    instanceBaseUrl: 'http://n8n.test',
    formWaitingBaseUrl: 'http://n8n.test/form-waiting',
    webhookBaseUrl: settings.webhookBaseUrl ?? 'http://n8n.test/webhook',
    webhookWaitingBaseUrl: 'http://n8n.test/webhook-waiting',
    webhookTestBaseUrl: 'http://n8n.test/webhook-test',
    variables: {},
    logAiEvent: notNeeded,
    startRunnerTask: notNeeded,
    hooks: new ExecutionLifecycleHooks(mode, executionId, workflowData),
  } as IWorkflowExecuteAdditionalData;
}

export interface WorkflowParts {
  nodes: INode[];
  connections: IConnections;
}

export const toWorkflow = (parts: WorkflowParts, staticData: IDataObject = {}): Workflow =>
  new Workflow({
    id: WORKFLOW_ID,
    name: 'Test workflow',
    active: false,
    nodeTypes,
    nodes: parts.nodes,
    connections: parts.connections,
    settings: { executionOrder: 'v1', timezone: 'Europe/Berlin' },
    staticData,
  });

export interface NodeSettings extends Partial<Omit<INode, 'parameters'>> {
  parameters?: Record<string, NodeParameterValueType>;
  /** How the execution itself runs. */
  run?: Settings;
}

let position = 0;

/** A node with the credential, at some place of the canvas. */
export function node(name: string, type: string, settings: NodeSettings = {}): INode {
  const { parameters = {}, ...rest } = settings;
  delete rest.run;
  const own: INode = {
    id: `id-of-${name}`,
    name,
    type,
    typeVersion: 1,
    position: [(position += 200), 0],
    parameters: parameters,
    ...rest,
  };
  if (type.startsWith('n8n-nodes-sluice.') && own.credentials === undefined) {
    own.credentials = { sluiceApi: { id: '1', name: 'Sluice' } };
  }
  return own;
}

/** Runs a workflow from its start node, whose output is `items`. */
export async function runWorkflow(
  workflow: Workflow,
  start: { node: string; items: INodeExecutionData[]; pinData?: IPinData },
  settings: Settings = {},
): Promise<IRun> {
  const pinData = { ...start.pinData, [start.node]: start.items };
  const execution = new WorkflowExecute(additionalData(workflow, settings), settings.mode ?? 'manual');
  return await execution.run({ workflow, startNode: workflow.getNode(start.node) ?? undefined, pinData });
}

/** Goes on with an execution that was waiting, as n8n does it when it is woken with `items` or by time. */
export async function resume(workflow: Workflow, run: IRun, items?: INodeExecutionData[]): Promise<IRun> {
  const data: IRunExecutionData = createRunExecutionData(run.data);
  const waiting = data.executionData?.nodeExecutionStack[0];
  if (waiting === undefined) throw new Error('The execution does not wait');
  if (items !== undefined) waiting.data.main = [items];
  return await new WorkflowExecute(additionalData(workflow), 'webhook', data).processRunExecutionData(
    workflow,
  );
}

export interface NodeRun {
  run: IRun;
  /** Output items of the first output; of the error output when there is one. */
  items: INodeExecutionData[];
  errorItems: INodeExecutionData[];
  /** What stopped the execution, if anything. */
  error:
    | { message: string; description?: string | null; httpCode?: string | null; context?: IDataObject }
    | undefined;
}

/** Runs one of our nodes after a start node that gives `input`. */
export async function runNode(
  type: string,
  settings: NodeSettings,
  input: Array<IDataObject | INodeExecutionData> = [{}],
): Promise<NodeRun> {
  const name = settings.name ?? NODE;
  const workflow = toWorkflow({
    nodes: [node('Start', 'test.start'), node(name, `n8n-nodes-sluice.${type}`, settings)],
    connections: { Start: { main: [[{ node: name, type: 'main', index: 0 }]] } },
  });
  const items = input.map((item) => ('json' in item ? (item as INodeExecutionData) : { json: item }));
  const run = await runWorkflow(workflow, { node: 'Start', items }, settings.run);
  const { runData, error } = run.data.resultData;
  const main = runData[name]?.[0]?.data?.main;
  return { run, items: main?.[0] ?? [], errorItems: main?.[1] ?? [], error: error as NodeRun['error'] };
}
