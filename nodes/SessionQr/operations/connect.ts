/**
 * Session QR, operations "Get Pairing Code" (link by a code instead of the picture) and "Wait Until Connected".
 */
import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { forEachItem, outputOf } from '../../shared/items';
import type { Operation } from '../../shared/operation';
import { recipientFault } from '../../shared/recipient';
import { namedSessionField, readNamedSession } from '../../shared/sessionLocator';
import { gatewayRequest } from '../../shared/transport';
import type { PairingCode, Session } from '../../shared/wire';
import { toText } from '../../shared/text';
import { valueReader } from '../../shared/values';
import { ensureSession, sessionPath } from '../session';
import { newSessionOptions } from './newSessionOptions';

/** The longest wait of one request; longer ones are several requests. */
const STEP_SECONDS = 30;
const DEFAULT_MAX_SECONDS = 120;
const MARGIN_MS = 15_000;
const HOPELESS = new Set(['logged_out', 'banned', 'stopped']);
const PAIRING_HINT =
  'Open WhatsApp on the phone, go to Settings > Linked devices > Link a device > Link with phone number instead, and type the code.';

function readPhone(context: IExecuteFunctions, itemIndex: number): string {
  const phone = toText(context.getNodeParameter('phone', itemIndex, '')).trim();
  const fault = phone.includes('@') ? 'a phone number has digits only' : recipientFault(phone);
  if (fault === undefined) return phone;
  const message = `The phone number "${phone}" is not valid: ${fault}. Write it with its country code, for example +4915112345678.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

export const getPairingCode: Operation = {
  fields: [
    namedSessionField,
    {
      displayName: 'Phone Number',
      name: 'phone',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. +4915112345678',
      description: 'The number of the phone to link, with country code',
    },
    newSessionOptions({ forQr: false }),
  ],
  async execute(context) {
    const output = await forEachItem(context, async (itemIndex) => {
      const phone = readPhone(context, itemIndex);
      const session = await ensureSession(context, itemIndex);
      const { body } = await gatewayRequest<PairingCode>(context, {
        method: 'POST',
        path: `${sessionPath(session.id)}/pairing-code`,
        body: { phone },
      });
      return outputOf({ sessionId: session.id, phone, ...body }, itemIndex);
    });
    context.addExecutionHints({ message: PAIRING_HINT, location: 'outputPane', type: 'info' });
    return output;
  },
};

/** The session once it is connected, or as it stands when the time is up. */
async function waitForConnection(
  context: IExecuteFunctions,
  id: string,
  maxSeconds: number,
): Promise<Session> {
  for (let left = maxSeconds; ; left -= STEP_SECONDS) {
    const timeoutSeconds = Math.min(left, STEP_SECONDS);
    const { body: session } = await gatewayRequest<Session>(context, {
      method: 'GET',
      path: sessionPath(id),
      query: { waitFor: 'connected', timeoutSeconds },
      timeoutMs: timeoutSeconds * 1000 + MARGIN_MS,
    });
    const isOver = session.status === 'connected' || HOPELESS.has(session.status);
    if (isOver || left <= STEP_SECONDS || context.getExecutionCancelSignal()?.aborted === true)
      return session;
  }
}

function readWait(context: IExecuteFunctions, itemIndex: number): { maxSeconds: number; failIfNot: boolean } {
  const { whole, truth } = valueReader(context, itemIndex);
  const seconds: unknown = context.getNodeParameter('maxSeconds', itemIndex, DEFAULT_MAX_SECONDS);
  const field = { label: 'Wait (Seconds)', min: 1, max: 600 };
  return {
    maxSeconds: whole(seconds, field) ?? DEFAULT_MAX_SECONDS,
    failIfNot: truth(context.getNodeParameter('failIfNot', itemIndex, true), 'Fail If Not Connected') ?? true,
  };
}

export const waitUntilConnected: Operation = {
  fields: [
    namedSessionField,
    {
      displayName: 'Wait (Seconds)',
      name: 'maxSeconds',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 600 },
      default: 120,
      description: 'How long to wait for the phone to be linked',
    },
    {
      displayName: 'Fail If Not Connected',
      name: 'failIfNot',
      type: 'boolean',
      default: true,
      description: 'Whether the node fails when the time is up; otherwise the output says connected: false',
    },
  ],
  execute: (context) =>
    forEachItem(context, async (itemIndex) => {
      const id = readNamedSession(context, itemIndex);
      const { maxSeconds, failIfNot } = readWait(context, itemIndex);
      const session = await waitForConnection(context, id, maxSeconds);
      const connected = session.status === 'connected';
      if (!connected && failIfNot) {
        const why = session.reason?.message ?? `its status is "${session.status}"`;
        const message = `The session "${id}" is not connected: ${why}. ${session.reason?.action ?? 'Get the QR code, scan it with the phone and run the node again.'}`;
        throw new NodeOperationError(context.getNode(), message, { itemIndex });
      }
      return outputOf({ ...session, connected }, itemIndex);
    }),
};
