/**
 * The options of the operations that may create a session, and their reading. Used by session.ts and getQr.ts.
 */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { valueReader } from '../../shared/values';

const name: INodeProperties = {
  displayName: 'Name',
  name: 'name',
  type: 'string',
  default: '',
  placeholder: 'e.g. Support Berlin',
  description: 'A name for people, set when the session is created',
};

const waitSeconds: INodeProperties = {
  displayName: 'Wait for the Code (Seconds)',
  name: 'waitSeconds',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 60 },
  default: 30,
  description: 'How long to wait until WhatsApp has given a QR code',
};

const dataUrl: INodeProperties = {
  displayName: 'Include Data URL',
  name: 'dataUrl',
  type: 'boolean',
  default: false,
  description:
    'Whether to put the picture into the JSON too, for HTML of your own; the form pages of n8n do not show it',
};

/** `forQr`: the QR code may take some seconds to come, and can be shown in a page. */
export function newSessionOptions({ forQr }: { forQr: boolean }): INodeProperties {
  return {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: forQr ? [dataUrl, name, waitSeconds] : [name],
  };
}

export interface SessionOptions {
  dataUrl: boolean;
  name: string | undefined;
  waitSeconds: number;
}

const DEFAULT_WAIT_SECONDS = 30;

/** The options of one item. @throws NodeOperationError naming the option that is wrong */
export function readSessionOptions(context: IExecuteFunctions, itemIndex: number): SessionOptions {
  const given = context.getNodeParameter('options', itemIndex, {}) as Record<string, unknown>;
  const { text, truth, whole } = valueReader(context, itemIndex);
  const waiting = { label: 'Wait for the Code (Seconds)', min: 1, max: 60 };
  return {
    dataUrl: truth(given.dataUrl, 'Include Data URL') ?? false,
    name: text(given.name, { label: 'Name', max: 100 })?.trim(),
    waitSeconds: whole(given.waitSeconds, waiting) ?? DEFAULT_WAIT_SECONDS,
  };
}
