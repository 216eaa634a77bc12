/**
 * Send Message, operation "Send and Wait for Reply": sends a text and puts the execution to sleep until the
 * person's next message in that chat, or until the time is up. replyWait.ts wakes it.
 * Its operation value and the field name `message` make n8n offer it as a human-in-the-loop tool.
 */
import {
  NodeOperationError,
  WAIT_INDEFINITELY,
  type IExecuteFunctions,
  type INodeExecutionData,
} from 'n8n-workflow';

import { errorOfItem } from '../../shared/errors';
import type { Operation } from '../../shared/operation';
import { readEnvelope, readMaxWaitSeconds } from '../../shared/outgoing/envelope';
import { options, optionsField, recipientField } from '../../shared/outgoing/fields';
import { sendMessage } from '../../shared/outgoing/send';
import { createPatience } from '../../shared/patience';
import { senderSessionField } from '../../shared/sessionLocator';
import { toText } from '../../shared/text';
import { valueReader } from '../../shared/values';
import { removeWebhook } from '../../shared/webhooks';
import { listenForReply } from '../replyWait';
import { messageField, readTextContent } from './text';

const MS_PER_UNIT = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };
const UNITS = ['minutes', 'hours', 'days'] as const;
const LONGEST_MS = 10 * 365 * MS_PER_UNIT.days;

function waitUntil(context: IExecuteFunctions): Date {
  const { choice, truth } = valueReader(context, 0);
  const field = (name: string): unknown => context.getNodeParameter(name, 0, '');
  if (truth(field('limitWaitTime'), 'Limit Wait Time') === false) return WAIT_INDEFINITELY;
  const unit = choice(field('waitUnit'), { label: 'Unit', choices: UNITS }) ?? 'hours';
  const amount = field('waitAmount');
  const waitMs = Number(amount) * MS_PER_UNIT[unit];
  if (waitMs > 0 && waitMs <= LONGEST_MS) return new Date(Date.now() + waitMs);
  const message = `The waiting time "${toText(amount)} ${unit}" is not valid. Give a number above zero, up to ten years.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex: 0 });
}

async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
  const items = context.getInputData();
  if (items.length > 1) {
    throw new NodeOperationError(
      context.getNode(),
      `Send and Wait talks to one person at a time, but got ${items.length} items. Put a "Loop Over Items" node with batch size 1 before it.`,
    );
  }
  const body = { ...readEnvelope(context, 0), ...readTextContent(context, 0) };
  const until = waitUntil(context);
  // First the ear, then the mouth: a quick answer must not be missed.
  const webhookId = await listenForReply(context, { body, until });
  try {
    const patience = createPatience(readMaxWaitSeconds(context));
    await patience.attempt(() => sendMessage(context, body, 0));
  } catch (error) {
    await removeWebhook(context, webhookId);
    throw errorOfItem(context.getNode(), error, 0);
  }
  await context.putExecutionToWait(until);
  return items;
}

export const sendAndWait: Operation = {
  fields: [
    senderSessionField,
    recipientField,
    messageField,
    {
      displayName:
        'The workflow goes on with the next message in that chat, as <code>$json.data.text</code>. When the time is up it goes on with the input item.',
      name: 'waitNotice',
      type: 'notice',
      default: '',
    },
    {
      displayName: 'Limit Wait Time',
      name: 'limitWaitTime',
      type: 'boolean',
      default: true,
      description: 'Whether the workflow goes on without a reply after some time',
    },
    {
      displayName: 'Amount',
      name: 'waitAmount',
      type: 'number',
      typeOptions: { minValue: 1 },
      default: 24,
      displayOptions: { show: { limitWaitTime: [true] } },
      description: 'How long to wait for the reply',
    },
    {
      displayName: 'Unit',
      name: 'waitUnit',
      type: 'options',
      default: 'hours',
      displayOptions: { show: { limitWaitTime: [true] } },
      description: 'Unit of the waiting time',
      options: [
        { name: 'Days', value: 'days' },
        { name: 'Hours', value: 'hours' },
        { name: 'Minutes', value: 'minutes' },
      ],
    },
    {
      displayName: 'Approval Words',
      name: 'approvalWords',
      type: 'string',
      default: 'yes, y, ok, approve',
      description:
        'Replies that count as approval, separated by commas; the output says in <code>data.approved</code> whether one came',
    },
    optionsField([
      options.linkPreview,
      options.maxWaitSeconds,
      options.priority,
      options.reference,
      options.showTyping,
    ]),
  ],
  execute,
};
