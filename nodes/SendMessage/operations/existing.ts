/**
 * Send Message, resource "Existing Message": what is sent about a message that is there already
 * (react, edit, delete for everyone), and what is asked of the gateway about it (status, cancel, retry).
 */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { forEachItem, outputOf } from '../../shared/items';
import type { Operation } from '../../shared/operation';
import { readText } from '../../shared/outgoing/envelope';
import { sendOperation } from '../../shared/outgoing/sendOperation';
import { gatewayRequest, type GatewayRequest } from '../../shared/transport';
import type { Message } from '../../shared/wire';
import { messageField } from './text';
import { toText } from '../../shared/text';

const messageIdField: INodeProperties = {
  displayName: 'Message ID',
  name: 'messageId',
  type: 'string',
  default: '',
  required: true,
  placeholder: 'e.g. msg_01a1fb58a5ac76b2b9bf5c12e7bc0ee6',
  description: 'ID of the message: from the output of a sending node (msg_...) or of the trigger',
};

const readMessageId = (context: IExecuteFunctions, itemIndex: number): string =>
  readText(context, itemIndex, { name: 'messageId', label: 'Message ID' }).trim();

export const react = sendOperation({
  fields: [
    messageIdField,
    {
      displayName: 'Emoji',
      name: 'emoji',
      type: 'string',
      default: '',
      placeholder: 'One emoji',
      description: 'The reaction. Empty takes an earlier reaction back.',
    },
  ],
  read: (context, itemIndex) => ({
    type: 'reaction',
    reaction: {
      messageId: readMessageId(context, itemIndex),
      emoji: toText(context.getNodeParameter('emoji', itemIndex, '')).trim(),
    },
  }),
});

export const edit = sendOperation({
  fields: [messageIdField, messageField],
  read: (context, itemIndex) => ({
    type: 'edit',
    edit: {
      messageId: readMessageId(context, itemIndex),
      body: readText(context, itemIndex, { name: 'message', label: 'Message' }),
    },
  }),
});

export const revoke = sendOperation({
  fields: [messageIdField],
  read: (context, itemIndex) => ({
    type: 'revoke',
    revoke: { messageId: readMessageId(context, itemIndex) },
  }),
});

/** An operation that asks the gateway about one message. */
function messageQuery(toRequest: (path: string) => GatewayRequest): Operation {
  return {
    fields: [messageIdField],
    execute: (context) =>
      forEachItem(context, async (itemIndex) => {
        const path = `/v1/messages/${encodeURIComponent(readMessageId(context, itemIndex))}`;
        const { body } = await gatewayRequest<Message>(context, toRequest(path));
        return outputOf(body, itemIndex);
      }),
  };
}

export const getStatus = messageQuery((path) => ({ method: 'GET', path }));
export const cancel = messageQuery((path) => ({ method: 'POST', path: `${path}/cancel` }));
export const retry = messageQuery((path) => ({ method: 'POST', path: `${path}/retry` }));
