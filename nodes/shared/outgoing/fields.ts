/**
 * The fields that all sending operations share: who gets it, in batches or one by one, and the options.
 * Read by envelope.ts and deliver.ts. Must not hold logic.
 */
import type { INodeProperties } from 'n8n-workflow';

export const recipientField: INodeProperties = {
  displayName: 'To',
  name: 'to',
  type: 'string',
  default: '',
  required: true,
  placeholder: 'e.g. +4915112345678',
  description: 'Phone number with country code, or the JID of a group (ends in @g.us)',
};

export const batchField: INodeProperties = {
  displayName: 'Send in Batches',
  name: 'sendInBatches',
  type: 'boolean',
  default: false,
  description:
    'Whether to hand the items to the gateway in few large requests. Best for hundreds of items or more.',
};

/** A batch is taken at once and sent over time: there is nothing to wait for. */
const oneByOne = { hide: { '/sendInBatches': [true] } };

export const options = {
  batchSize: {
    displayName: 'Batch Size',
    name: 'batchSize',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 10_000 },
    default: 500,
    displayOptions: { show: { '/sendInBatches': [true] } },
    description: 'How many messages go into one request when sending in batches',
  },
  dryRun: {
    displayName: 'Dry Run',
    name: 'dryRun',
    type: 'boolean',
    default: false,
    description: 'Whether to check everything without sending',
  },
  expiresAt: {
    displayName: 'Expire At',
    name: 'expiresAt',
    type: 'dateTime',
    default: '',
    description: 'When the message is of no use any more; it is dropped if it has not been sent by then',
  },
  linkPreview: {
    displayName: 'Link Preview',
    name: 'linkPreview',
    type: 'boolean',
    default: true,
    description: 'Whether to show what the first link in the text leads to',
  },
  maxWaitSeconds: {
    displayName: 'Max Wait When Limited (Seconds)',
    name: 'maxWaitSeconds',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 3600 },
    default: 60,
    description:
      'How long the node waits in all when the gateway says "not now" before it fails. 0 fails at once.',
  },
  mentions: {
    displayName: 'Mentions',
    name: 'mentions',
    type: 'string',
    default: '',
    placeholder: 'e.g. +4915112345678, +4915187654321',
    description: 'Numbers to mention in a group, separated by commas',
  },
  priority: {
    displayName: 'Priority',
    name: 'priority',
    type: 'number',
    typeOptions: { minValue: -100, maxValue: 100, numberPrecision: 0 },
    default: 0,
    description: 'Higher goes first in the queue, from -100 to 100; the order within a chat stays',
  },
  reference: {
    displayName: 'Reference',
    name: 'reference',
    type: 'string',
    default: '',
    placeholder: 'e.g. order 1234',
    description: 'Your own mark on the message, found again in its status and events',
  },
  replyTo: {
    displayName: 'Reply to Message ID',
    name: 'replyTo',
    type: 'string',
    default: '',
    description: 'ID of the message to quote',
  },
  sendAt: {
    displayName: 'Send At',
    name: 'sendAt',
    type: 'dateTime',
    default: '',
    description: 'When to send, in the time zone of the workflow',
  },
  showTyping: {
    displayName: 'Show Typing',
    name: 'showTyping',
    type: 'boolean',
    default: true,
    description: 'Whether the recipient sees "typing" first; without this option the session decides',
  },
  skipUnreachable: {
    displayName: 'Skip Recipients Who Cannot Be Reached',
    name: 'skipUnreachable',
    type: 'boolean',
    default: false,
    description:
      'Whether to output "skipped" instead of failing for numbers that are not on WhatsApp or have opted out',
  },
  waitFor: {
    displayName: 'Wait For',
    name: 'waitFor',
    type: 'options',
    default: 'none',
    displayOptions: oneByOne,
    description: 'Which status to wait for before the node goes on',
    options: [
      { name: 'Delivered', value: 'delivered', description: 'It is on the device of the recipient' },
      { name: 'Nothing', value: 'none', description: 'Go on as soon as the gateway has stored it' },
      { name: 'Read', value: 'read', description: 'The recipient has opened it' },
      { name: 'Sent', value: 'sent', description: 'The WhatsApp server has taken it' },
    ],
  },
  waitSeconds: {
    displayName: 'Wait For (Seconds)',
    name: 'waitSeconds',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 60 },
    default: 15,
    displayOptions: oneByOne,
    description: 'How long to wait for that status; the message as it then stands is output',
  },
} satisfies Record<string, INodeProperties>;

/** The "Options" collection with the given options, sorted as n8n wants them. */
export function optionsField(chosen: INodeProperties[]): INodeProperties {
  return {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [...chosen].sort((a, b) => a.displayName.localeCompare(b.displayName)),
  };
}

/** What every new message can have. */
export const commonOptions: INodeProperties[] = [
  options.batchSize,
  options.dryRun,
  options.expiresAt,
  options.maxWaitSeconds,
  options.priority,
  options.reference,
  options.sendAt,
  options.showTyping,
  options.skipUnreachable,
  options.waitFor,
  options.waitSeconds,
];
