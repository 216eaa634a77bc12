/**
 * Send Message, operation "Send Text", and "Reply", which is a text that quotes another message.
 */
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { readOptions, readText, withoutUndefined } from '../../shared/outgoing/envelope';
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

function readMentions(text: string | undefined): string[] | undefined {
  const mentions = (text ?? '')
    .split(',')
    .map((mention) => mention.trim())
    .filter((mention) => mention !== '');
  return mentions.length === 0 ? undefined : mentions;
}

/** The content of a text message from the fields of one item. */
export function readTextContent(context: IExecuteFunctions, itemIndex: number): IDataObject {
  const { linkPreview, mentions } = readOptions(context, itemIndex);
  const body = readText(context, itemIndex, { name: 'message', label: 'Message' });
  return { type: 'text', text: withoutUndefined({ body, linkPreview, mentions: readMentions(mentions) }) };
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
  read: (context, itemIndex) => {
    const messageId = readText(context, itemIndex, { name: 'messageId', label: 'Message ID' }).trim();
    return { ...readTextContent(context, itemIndex), context: { messageId } };
  },
});
