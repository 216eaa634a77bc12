/**
 * Makes an operation that sends: the shared fields around its own, and delivery around its reading.
 * Used by the operations of Send Message and by Send Media.
 */
import type { INodeProperties } from 'n8n-workflow';

import type { Operation } from '../operation';
import { senderSessionField } from '../sessionLocator';
import { deliver, type ReadContent } from './deliver';
import { readOptions } from './envelope';
import { batchField, commonOptions, options, optionsField, recipientField } from './fields';

interface SendOperation {
  /** The operation's own fields, between the recipient and the options. */
  fields: INodeProperties[];
  /** Options of its own, beside the common ones. */
  options?: INodeProperties[];
  /** Whether it can quote another message. */
  quotes?: boolean;
  read: ReadContent;
}

/** The fields in the order in which they are shown. */
function sendFields(own: Pick<SendOperation, 'fields' | 'options' | 'quotes'>): INodeProperties[] {
  const extra = [...(own.options ?? []), ...(own.quotes === true ? [options.replyTo] : [])];
  return [
    senderSessionField,
    recipientField,
    ...own.fields,
    batchField,
    optionsField([...commonOptions, ...extra]),
  ];
}

/** `read` gives the content; a quote from the options is added here. */
export function sendOperation(own: SendOperation): Operation {
  const read: ReadContent = async (context, itemIndex, patience) => {
    const content = await own.read(context, itemIndex, patience);
    const replyTo = own.quotes === true ? readOptions(context, itemIndex).replyTo : undefined;
    return replyTo === undefined ? content : { ...content, context: { messageId: replyTo } };
  };
  return { fields: sendFields(own), execute: (context) => deliver(context, read) };
}
