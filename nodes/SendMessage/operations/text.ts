/**
 * Send Message, operation "Send Text", and "Reply", which is a text that quotes another message.
 */
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { readMessageId, readOptions, readText, withoutUndefined } from '../../shared/outgoing/envelope';
import { options } from '../../shared/outgoing/fields';
import { sendOperation } from '../../shared/outgoing/sendOperation';

export const messageField: INodeProperties = {
  displayName: 'Message',
  name: 'message',
  type: 'string',
  typeOptions: { rows: 4 },
  default: '',
  required: true,
  placeholder: 'e.g. Hello {{ $json.name }}, your order is on its way',
  description: 'The text to send, up to 65,000 characters',
};

const quotedMessageField: INodeProperties = {
  displayName: 'Message ID',
  name: 'messageId',
  type: 'string',
  default: '',
  required: true,
  placeholder: 'e.g. {{ $json.messageId }}',
  description: 'ID of the message to reply to, for example from the trigger',
};

const MAX_MESSAGE = 65_000;

/** The field "Message". @throws NodeOperationError when it is empty or too long */
export const readMessageText = (context: IExecuteFunctions, itemIndex: number): string =>
  readText(context, itemIndex, { name: 'message', label: 'Message', max: MAX_MESSAGE });

/** The content of a text message from the fields of one item. */
export function readTextContent(context: IExecuteFunctions, itemIndex: number): IDataObject {
  const { linkPreview, mentions } = readOptions(context, itemIndex);
  return {
    type: 'text',
    text: withoutUndefined({ body: readMessageText(context, itemIndex), linkPreview, mentions }),
  };
}

const textOptions = [options.linkPreview, options.mentions];

export const text = sendOperation({
  fields: [messageField],
  options: textOptions,
  quotes: true,
  read: readTextContent,
});

export const reply = sendOperation({
  fields: [quotedMessageField, messageField],
  options: textOptions,
  read: (context, itemIndex) => ({
    ...readTextContent(context, itemIndex),
    context: { messageId: readMessageId(context, itemIndex) },
  }),
});
