/**
 * The node Send Message: what n8n shows, and the table of its operations (in operations/).
 * Must not hold logic.
 */
import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { testSluiceApi } from '../shared/credentialTest';
import { fieldsOf, runOperation, type OperationTable } from '../shared/operation';
import { searchSessions } from '../shared/sessionLocator';
import { contacts } from './operations/contacts';
import { cancel, edit, getStatus, react, retry, revoke } from './operations/existing';
import { location } from './operations/location';
import { poll } from './operations/poll';
import { sendAndWait } from './operations/sendAndWait';
import { reply, text } from './operations/text';
import { resumeOnReply } from './replyWait';

const operations: OperationTable = {
  newMessage: { contacts, location, poll, reply, sendAndWait, text },
  existingMessage: { cancel, edit, getStatus, react, retry, revoke },
};

export class SendMessage implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Sluice Send Message',
    name: 'sendMessage',
    icon: { light: 'file:sendMessage.svg', dark: 'file:sendMessage.dark.svg' },
    group: ['output'],
    version: 1,
    subtitle: '={{ $parameter["operation"] }}',
    description: 'Send WhatsApp messages through your own Sluice gateway, one by one or thousands at once',
    defaults: { name: 'Send Message' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'sluiceApi', required: true, testedBy: 'sluiceApiTest' }],
    webhooks: [
      {
        name: 'default',
        httpMethod: 'POST',
        responseMode: 'onReceived',
        responseData: '',
        path: '={{ $nodeId }}',
        restartWebhook: true,
        isFullPath: true,
      },
    ],
    hints: [
      {
        message: 'Many items? Turn on "Send in Batches" to hand them over in few requests.',
        location: 'inputPane',
        whenToDisplay: 'beforeExecution',
        displayCondition: '={{ $input.all().length > 50 && !$parameter["sendInBatches"] }}',
      },
    ],
    properties: [
      {
        displayName: 'Resource',
        name: 'resource',
        type: 'options',
        noDataExpression: true,
        default: 'newMessage',
        options: [
          {
            name: 'Existing Message',
            value: 'existingMessage',
            description: 'A message sent or received before',
          },
          { name: 'New Message', value: 'newMessage', description: 'A message to send' },
        ],
      },
      {
        displayName: 'Operation',
        name: 'operation',
        type: 'options',
        noDataExpression: true,
        default: 'text',
        displayOptions: { show: { resource: ['newMessage'] } },
        options: [
          {
            name: 'Reply',
            value: 'reply',
            action: 'Reply to a message',
            description: 'Send a text that quotes a message',
          },
          {
            name: 'Send and Wait for Reply',
            value: 'sendAndWait',
            action: 'Send a message and wait for the reply',
            description: 'Send a text and go on with the next message in that chat',
          },
          {
            name: 'Send Contact',
            value: 'contacts',
            action: 'Send a contact',
            description: 'Send a contact card',
          },
          {
            name: 'Send Location',
            value: 'location',
            action: 'Send a location',
            description: 'Send a place on the map',
          },
          {
            name: 'Send Poll',
            value: 'poll',
            action: 'Send a poll',
            description: 'Send a question with answers to choose',
          },
          { name: 'Send Text', value: 'text', action: 'Send a text message', description: 'Send a text' },
        ],
      },
      {
        displayName: 'Operation',
        name: 'operation',
        type: 'options',
        noDataExpression: true,
        default: 'getStatus',
        displayOptions: { show: { resource: ['existingMessage'] } },
        options: [
          {
            name: 'Cancel',
            value: 'cancel',
            action: 'Cancel a message',
            description: 'Stop a message that has not been sent yet',
          },
          {
            name: 'Delete for Everyone',
            value: 'revoke',
            action: 'Delete a message for everyone',
            description: 'Take a sent message back',
          },
          {
            name: 'Edit',
            value: 'edit',
            action: 'Edit a message',
            description: 'Change the text of a sent message',
          },
          {
            name: 'Get Status',
            value: 'getStatus',
            action: 'Get the status of a message',
            description: 'See whether it was sent, delivered or read',
          },
          {
            name: 'React',
            value: 'react',
            action: 'React to a message',
            description: 'Put an emoji on a message',
          },
          {
            name: 'Retry',
            value: 'retry',
            action: 'Retry a failed message',
            description: 'Queue a failed message again',
          },
        ],
      },
      ...fieldsOf(operations),
    ],
  };

  methods = { credentialTest: { sluiceApiTest: testSluiceApi }, listSearch: { searchSessions } };

  // The only webhook here is the resume address of a waiting execution: it lives and dies with the execution,
  // so there is nothing to register when a workflow is activated.
  webhookMethods = {
    default: {
      async checkExists(): Promise<boolean> {
        return await Promise.resolve(true);
      },
      async create(): Promise<boolean> {
        return await Promise.resolve(true);
      },
      async delete(): Promise<boolean> {
        return await Promise.resolve(true);
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return await resumeOnReply(this);
  }

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runOperation(this, operations);
  }
}
