/**
 * Everything of an outgoing message except what it says: recipient, session and options of one item.
 * Used by deliver.ts and by Send and Wait. Pure reading and checking, no requests.
 */
import { NodeOperationError, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';

import { readRecipient } from '../recipient';
import { readSession } from '../sessionLocator';
import { toText } from '../text';
import { valueReader } from '../values';

const WAITS = ['none', 'sent', 'delivered', 'read'] as const;

/** The values of the "Options" collection, as fields.ts defines them. Each is checked when it is looked at. */
export interface SendOptions {
  readonly batchSize: number | undefined;
  readonly dryRun: boolean | undefined;
  readonly expiresAt: string | undefined;
  readonly linkPreview: boolean | undefined;
  readonly maxWaitSeconds: number | undefined;
  readonly mentions: string[] | undefined;
  readonly priority: number | undefined;
  readonly reference: string | undefined;
  readonly replyTo: string | undefined;
  readonly sendAt: string | undefined;
  readonly showTyping: boolean | undefined;
  readonly skipUnreachable: boolean | undefined;
  readonly waitFor: (typeof WAITS)[number] | undefined;
  readonly waitSeconds: number | undefined;
}

const DEFAULT_MAX_WAIT_SECONDS = 60;
const MAX_REFERENCE = 255;

/** The options of one item. @throws NodeOperationError (of a member, when it is looked at) */
export function readOptions(context: IExecuteFunctions, itemIndex: number): SendOptions {
  const given = context.getNodeParameter('options', itemIndex, {}) as Record<string, unknown>;
  const { whole, truth, choice, text, instant, people } = valueReader(context, itemIndex);
  return {
    get batchSize() {
      return whole(given.batchSize, { label: 'Batch Size', min: 1, max: 10_000 });
    },
    get dryRun() {
      return truth(given.dryRun, 'Dry Run');
    },
    get expiresAt() {
      return instant(given.expiresAt, 'Expire At');
    },
    get linkPreview() {
      return truth(given.linkPreview, 'Link Preview');
    },
    get maxWaitSeconds() {
      return whole(given.maxWaitSeconds, { label: 'Max Wait When Limited (Seconds)', min: 0, max: 3600 });
    },
    get mentions() {
      return people(given.mentions, 'Mentions');
    },
    get priority() {
      return whole(given.priority, { label: 'Priority', min: -100, max: 100 });
    },
    get reference() {
      return text(given.reference, { label: 'Reference', max: MAX_REFERENCE });
    },
    get replyTo() {
      return messageIdOf(context, itemIndex, { value: given.replyTo, label: 'Reply to Message ID' });
    },
    get sendAt() {
      return instant(given.sendAt, 'Send At');
    },
    get showTyping() {
      return truth(given.showTyping, 'Show Typing');
    },
    get skipUnreachable() {
      return truth(given.skipUnreachable, 'Skip Recipients Who Cannot Be Reached');
    },
    get waitFor() {
      return choice(given.waitFor, { label: 'Wait For', choices: WAITS });
    },
    get waitSeconds() {
      return whole(given.waitSeconds, { label: 'Wait For (Seconds)', min: 1, max: 60 });
    },
  };
}

/** The waiting that all items of a run share, in seconds. */
export const readMaxWaitSeconds = (context: IExecuteFunctions): number =>
  readOptions(context, 0).maxWaitSeconds ?? DEFAULT_MAX_WAIT_SECONDS;

/**
 * The members of the request body that are not the content. Members without a value are left out.
 * @throws NodeOperationError for a recipient, session or option of the wrong shape
 */
export function readEnvelope(context: IExecuteFunctions, itemIndex: number): IDataObject {
  // Looks at every option, so that a bad one is found before anything is sent.
  const options = { ...readOptions(context, itemIndex) };
  const body: IDataObject = {
    sessionId: readSession(context, itemIndex),
    to: readRecipient(context, itemIndex),
    sendAt: options.sendAt,
    expiresAt: options.expiresAt,
    priority: options.priority,
    typing: options.showTyping,
    reference: options.reference,
    dryRun: options.dryRun === true ? true : undefined,
  };
  return withoutUndefined(body);
}

/** The object without the members that have no value: the gateway refuses what it does not know. */
export function withoutUndefined(object: IDataObject): IDataObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

interface RequiredText {
  name: string;
  label: string;
  /** Characters; none: the gateway says. */
  max?: number;
}

/**
 * A text field that must not be empty.
 * @throws NodeOperationError naming the field
 */
export function readText(context: IExecuteFunctions, itemIndex: number, field: RequiredText): string {
  const { name, label, max = Number.POSITIVE_INFINITY } = field;
  const value: unknown = context.getNodeParameter(name, itemIndex, '');
  const text = valueReader(context, itemIndex).text(value, { label, max });
  if (text !== undefined) return text;
  const message = `"${label}" is empty. Fill the field, or check the expression in it for this item.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

/** The gateway's ids and WhatsApp's. */
const MESSAGE_ID = /^[A-Za-z0-9_.-]{1,128}$/;

interface IdField {
  value: unknown;
  label: string;
}

function messageIdOf(
  context: IExecuteFunctions,
  itemIndex: number,
  { value, label }: IdField,
): string | undefined {
  const id = toText(value).trim();
  if (id === '') return undefined;
  if (MESSAGE_ID.test(id)) return id;
  const message = `The value "${id.slice(0, 40)}" in "${label}" is not valid. Give the ID of a message: from the output of a sending node (msg_...) or of the trigger.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

/**
 * The field "Message ID".
 * @throws NodeOperationError when it is empty or no ID
 */
export function readMessageId(context: IExecuteFunctions, itemIndex: number): string {
  const value = readText(context, itemIndex, { name: 'messageId', label: 'Message ID' });
  return messageIdOf(context, itemIndex, { value, label: 'Message ID' }) ?? value;
}
