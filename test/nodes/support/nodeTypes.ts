/**
 * The node types of the tests: ours, plus two helpers. `test.start` begins a workflow (its output is pinned by the
 * test), `test.collect` shows what came out of a branch.
 */
import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type INodeTypes,
  type IVersionedNodeType,
} from 'n8n-workflow';

import { IncomingMessageTrigger, SendMedia, SendMessage, SessionQr } from '../../../index';

function helperType(name: string, inputs: INodeTypeDescription['inputs']): INodeType {
  return {
    description: {
      displayName: name,
      name,
      group: ['transform'],
      version: 1,
      description: 'Only for tests',
      defaults: { name },
      inputs,
      outputs: [NodeConnectionTypes.Main],
      properties: [],
    },
    async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
      return await Promise.resolve([this.getInputData()]);
    },
  };
}

const types: Record<string, INodeType> = {
  'n8n-nodes-sluice.sendMessage': new SendMessage(),
  'n8n-nodes-sluice.sendMedia': new SendMedia(),
  'n8n-nodes-sluice.sessionQr': new SessionQr(),
  'n8n-nodes-sluice.incomingMessageTrigger': new IncomingMessageTrigger(),
  'test.start': helperType('start', []),
  'test.collect': helperType('collect', [NodeConnectionTypes.Main]),
};

const register = (name: string, type: INodeType): void => {
  types[name] = type;
};

export const nodeTypes: INodeTypes & { register: typeof register } = {
  register,
  getByName(name: string): INodeType | IVersionedNodeType {
    return this.getByNameAndVersion(name);
  },
  getByNameAndVersion(name: string): INodeType {
    const type = types[name];
    if (type === undefined) throw new Error(`The test has no node type ${name}`);
    return type;
  },
  getKnownTypes() {
    return {};
  },
};
