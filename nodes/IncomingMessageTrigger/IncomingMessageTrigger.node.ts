/**
 * The node Incoming Message Trigger: what n8n shows, and where its life cycle (registration.ts), its calls
 * (delivery.ts) and its executions (claims.ts) are handled. Must not hold logic.
 */
import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type IHookFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { testSluiceApi } from '../shared/credentialTest';
import { loadSessions } from '../shared/sessionLocator';
import { takeEvent } from './claims';
import { receive } from './delivery';
import { triggerFields } from './fields';
import { isRegistered, register, unregister } from './registration';

const whenFinished = '$parameter["options"]["answer"] === "finished"';

export class IncomingMessageTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Sluice Incoming Message Trigger',
    name: 'incomingMessageTrigger',
    icon: { light: 'file:incomingMessageTrigger.svg', dark: 'file:incomingMessageTrigger.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter["events"].join(", ") }}',
    description:
      'Starts the workflow when a WhatsApp message, receipt or session event comes from your Sluice gateway',
    eventTriggerDescription: 'Waiting for an event from the Sluice gateway',
    activationMessage: 'The Sluice gateway now delivers its events to this workflow.',
    defaults: { name: 'Incoming Message Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'sluiceApi', required: true, testedBy: 'sluiceApiTest' }],
    webhooks: [
      {
        name: 'default',
        httpMethod: 'POST',
        responseMode: `={{ ${whenFinished} ? "lastNode" : "onReceived" }}`,
        // Empty: the answer is what the node says, not the literal name of n8n's default.
        responseData: `={{ ${whenFinished} ? "noData" : "" }}`,
        path: 'sluice',
        // There is nothing to copy: the node registers itself.
        ndvHideUrl: true,
      },
    ],
    properties: [
      {
        displayName:
          'The node registers itself at the gateway when the workflow is activated: there is no address to copy. The gateway must be able to reach n8n.',
        name: 'registrationNotice',
        type: 'notice',
        default: '',
      },
      ...triggerFields,
    ],
  };

  methods = { credentialTest: { sluiceApiTest: testSluiceApi }, loadOptions: { loadSessions } };

  webhookMethods = {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        return await isRegistered(this);
      },
      async create(this: IHookFunctions): Promise<boolean> {
        return await register(this);
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        return await unregister(this);
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return await receive(this);
  }

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await Promise.resolve(takeEvent(this));
  }
}
