/**
 * The options of the operations that may create a session. Read by ensureSession in session.ts.
 */
import type { INodeProperties } from 'n8n-workflow';

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
