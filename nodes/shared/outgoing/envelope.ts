/**
 * Everything of an outgoing message except what it says: recipient, session and options of one item.
 * Used by deliver.ts and by Send and Wait. Pure reading and checking, no requests.
 */
import { NodeOperationError, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';

import { readRecipient } from '../recipient';
import { readSession } from '../sessionLocator';
import { toIsoInstant } from '../time';
import { toText } from '../text';

/** The values of the "Options" collection, as fields.ts defines them. */
export interface SendOptions {
  batchSize?: number;
  dryRun?: boolean;
  expiresAt?: string;
  linkPreview?: boolean;
  maxWaitSeconds?: number;
  mentions?: string;
  priority?: number;
  reference?: string;
  replyTo?: string;
  sendAt?: string;
  showTyping?: boolean;
  skipUnreachable?: boolean;
  waitFor?: 'none' | 'sent' | 'delivered' | 'read';
  waitSeconds?: number;
}

const DEFAULT_MAX_WAIT_SECONDS = 60;

export const readOptions = (context: IExecuteFunctions, itemIndex: number): SendOptions =>
  context.getNodeParameter('options', itemIndex, {});

/** The waiting that all items of a run share, in seconds. */
export const readMaxWaitSeconds = (context: IExecuteFunctions): number =>
  readOptions(context, 0).maxWaitSeconds ?? DEFAULT_MAX_WAIT_SECONDS;

interface DateField {
  name: string;
  value: string | undefined;
}

function readInstant(context: IExecuteFunctions, itemIndex: number, field: DateField): string | undefined {
  if (field.value === undefined || field.value === '') return undefined;
  const instant = toIsoInstant(field.value, context.getTimezone());
  if (instant !== undefined) return instant;
  const message = `The date "${field.value}" in "${field.name}" cannot be read. Write it like 2026-12-24T18:00:00.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

function readPriority(context: IExecuteFunctions, itemIndex: number, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  // An expression may give a text.
  const priority = Number(value);
  if (Number.isInteger(priority) && Math.abs(priority) <= 100) return priority;
  const message = `The priority "${toText(value)}" is not valid. Give a whole number from -100 to 100.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

/**
 * The members of the request body that are not the content. Members without a value are left out.
 * @throws NodeOperationError for a recipient or date of the wrong shape
 */
export function readEnvelope(context: IExecuteFunctions, itemIndex: number): IDataObject {
  const options = readOptions(context, itemIndex);
  const body: IDataObject = {
    sessionId: readSession(context, itemIndex),
    to: readRecipient(context, itemIndex),
    sendAt: readInstant(context, itemIndex, { name: 'Send At', value: options.sendAt }),
    expiresAt: readInstant(context, itemIndex, { name: 'Expire At', value: options.expiresAt }),
    priority: readPriority(context, itemIndex, options.priority),
    typing: options.showTyping,
    reference: options.reference === '' ? undefined : options.reference,
    dryRun: options.dryRun === true ? true : undefined,
  };
  return withoutUndefined(body);
}

/** The object without the members that have no value: the gateway refuses what it does not know. */
export function withoutUndefined(object: IDataObject): IDataObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/**
 * A text field that must not be empty.
 * @throws NodeOperationError naming the field
 */
export function readText(
  context: IExecuteFunctions,
  itemIndex: number,
  field: { name: string; label: string },
): string {
  const text = toText(context.getNodeParameter(field.name, itemIndex, ''));
  if (text.trim() !== '') return text;
  const message = `"${field.label}" is empty. Fill the field, or check the expression in it for this item.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}
