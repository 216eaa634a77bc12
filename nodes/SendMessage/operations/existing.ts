/**
 * Send Message, resource "Existing Message": what is sent about a message that is there already
 * (react, edit, delete for everyone), and what is asked of the gateway about it (status, cancel, retry).
 */
import { NodeOperationError, type IExecuteFunctions, type INodeProperties } from 'n8n-workflow';

import { forEachItem, outputOf } from '../../shared/items';
import type { Operation } from '../../shared/operation';
import { readMessageId } from '../../shared/outgoing/envelope';
import { sendOperation } from '../../shared/outgoing/sendOperation';
import { gatewayRequest, type GatewayRequest } from '../../shared/transport';
import type { Message } from '../../shared/wire';
import { toText } from '../../shared/text';
import { messageField, readMessageText } from './text';

const messageIdField: INodeProperties = {
  displayName: 'Message ID',
  name: 'messageId',
  type: 'string',
  default: '',
  required: true,
  placeholder: 'e.g. msg_01a1fb58a5ac76b2b9bf5c12e7bc0ee6',
  description: 'ID of the message: from the output of a sending node (msg_...) or of the trigger',
};

const MAX_EMOJI = 32;

/** Empty takes the reaction back. */
function readEmoji(context: IExecuteFunctions, itemIndex: number): string {
  const emoji = toText(context.getNodeParameter('emoji', itemIndex, '')).trim();
  if (emoji.length <= MAX_EMOJI && !/\s/.test(emoji)) return emoji;
  const message = `The value "${emoji.slice(0, 40)}" in "Emoji" is not valid. Give one emoji, or nothing to take the reaction back.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

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
      emoji: readEmoji(context, itemIndex),
    },
  }),
});

export const edit = sendOperation({
  fields: [messageIdField, messageField],
  read: (context, itemIndex) => ({
    type: 'edit',
    edit: {
      messageId: readMessageId(context, itemIndex),
      body: readMessageText(context, itemIndex),
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
