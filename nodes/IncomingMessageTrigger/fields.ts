/**
 * The fields of the trigger as n8n shows them; settings.ts reads them. Must not hold logic.
 */
import type { INodeProperties } from 'n8n-workflow';

export const EVENTS = [
  { name: 'Any Event', value: '*', description: 'Everything that happens on the sessions' },
  { name: 'Call Received', value: 'call.received', description: 'Somebody calls' },
  {
    name: 'Group Updated',
    value: 'group.updated',
    description: 'Name, members or settings of a group changed',
  },
  { name: 'Message Delivered', value: 'message.delivered', description: 'A sent message reached the device' },
  { name: 'Message Edited', value: 'message.edited', description: 'A person changed a message' },
  { name: 'Message Failed', value: 'message.failed', description: 'A message could not be sent' },
  {
    name: 'Message Media',
    value: 'message.media',
    description: 'The file of a message that was received earlier is there',
  },
  { name: 'Message Queued', value: 'message.queued', description: 'A message was accepted for sending' },
  { name: 'Message Read', value: 'message.read', description: 'A sent message was opened' },
  { name: 'Message Received', value: 'message.received', description: 'A person wrote' },
  { name: 'Message Revoked', value: 'message.revoked', description: 'A person took a message back' },
  { name: 'Message Sent', value: 'message.sent', description: 'The WhatsApp server took a message' },
  { name: 'Poll Vote', value: 'poll.vote', description: 'A person answered a poll' },
  { name: 'Reaction Received', value: 'message.reaction', description: 'A person put an emoji on a message' },
  {
    name: 'Recipient Opted Out',
    value: 'recipient.opted_out',
    description: 'A person wants no more messages',
  },
  { name: 'Session Connected', value: 'session.connected', description: 'The number is online' },
  { name: 'Session Disconnected', value: 'session.disconnected', description: 'The number went offline' },
  { name: 'Session Logged Out', value: 'session.logged_out', description: 'The phone must be linked again' },
  { name: 'Session QR', value: 'session.qr', description: 'A new QR code waits to be scanned' },
  {
    name: 'Session Restricted',
    value: 'session.restricted',
    description: 'WhatsApp limits or bans the number',
  },
];

const filterOptions: INodeProperties[] = [
  {
    displayName: 'Case Sensitive',
    name: 'caseSensitive',
    type: 'boolean',
    default: false,
    description: 'Whether the text filters tell upper from lower case',
  },
  {
    displayName: 'Chat',
    name: 'chatKind',
    type: 'options',
    default: 'any',
    description: 'Which chats to listen to',
    options: [
      { name: 'Any', value: 'any' },
      { name: 'Direct', value: 'direct', description: 'One person' },
      { name: 'Group', value: 'group' },
    ],
  },
  {
    displayName: 'From',
    name: 'from',
    type: 'string',
    default: '',
    placeholder: 'e.g. +4915112345678',
    description: 'Numbers or JIDs of the senders to listen to, separated by commas',
  },
  {
    displayName: 'Text Contains',
    name: 'textContains',
    type: 'string',
    default: '',
    description: 'A part of the text',
  },
  {
    displayName: 'Text Equals',
    name: 'textEquals',
    type: 'string',
    default: '',
    placeholder: 'e.g. menu',
    description: 'The whole text, spaces around it left out',
  },
  {
    displayName: 'Text Matches',
    name: 'textMatches',
    type: 'string',
    default: '',
    placeholder: 'e.g. ^order \\d+$',
    description: 'A regular expression for the text',
  },
  {
    displayName: 'Text Starts With',
    name: 'textStartsWith',
    type: 'string',
    default: '',
    placeholder: 'e.g. /help',
    description: 'The beginning of the text',
  },
];

export const triggerFields: INodeProperties[] = [
  {
    displayName: 'Events',
    name: 'events',
    type: 'multiOptions',
    default: ['message.received'],
    required: true,
    description: 'What starts the workflow',
    options: EVENTS,
  },
  {
    displayName: 'Session Names or IDs',
    name: 'sessions',
    type: 'multiOptions',
    typeOptions: { loadOptionsMethod: 'loadSessions' },
    default: [],
    description:
      'The sessions to listen to; none chosen means all. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
  },
  {
    displayName: 'Message Filters',
    name: 'filters',
    type: 'collection',
    placeholder: 'Add filter',
    default: {},
    description: 'Which received messages start the workflow; all filters must fit',
    options: filterOptions,
  },
  {
    displayName: 'Simplify',
    name: 'simplify',
    type: 'boolean',
    default: true,
    description: 'Whether to return a simplified version of the response instead of the raw data',
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      {
        displayName: 'Answer the Gateway',
        name: 'answer',
        type: 'options',
        // n8n decides how to answer before it resolves expressions in collections.
        noDataExpression: true,
        default: 'atOnce',
        description: 'When an event counts as handled; the gateway delivers it again until then',
        options: [
          {
            name: 'At Once',
            value: 'atOnce',
            description: 'When n8n has started the workflow. Workflows run side by side.',
          },
          {
            name: 'When the Workflow Has Finished',
            value: 'finished',
            description:
              'One event after the other for each session. A workflow that fails or is cut off by a crash of n8n starts again.',
          },
        ],
      },
      {
        displayName: 'Download Media',
        name: 'downloadMedia',
        type: 'boolean',
        default: false,
        description: 'Whether to put pictures and files of messages into a binary field',
      },
      {
        displayName: 'Include Own Messages',
        name: 'ownMessages',
        type: 'boolean',
        default: false,
        description:
          'Whether what the owner of the number types on the phone starts the workflow too. The session must have ownMessages turned on at the gateway.',
      },
      {
        displayName: 'Put Output File in Field',
        name: 'binaryProperty',
        type: 'string',
        default: 'data',
        hint: 'The name of the output binary field to put the file in',
        description: 'Name of the binary field for downloaded media',
      },
    ],
  },
];
