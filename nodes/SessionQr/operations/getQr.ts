/**
 * Session QR, operation "Get QR Code": creates or reuses the session and outputs its QR code as a PNG.
 * A session that is connected needs none: the output says so, without a picture.
 */
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { forEachItem, outputOf } from '../../shared/items';
import type { Operation } from '../../shared/operation';
import { namedSessionField } from '../../shared/sessionLocator';
import { gatewayRequest } from '../../shared/transport';
import type { QrCode, Session } from '../../shared/wire';
import { ensureSession, getSession, sessionPath, unless } from '../session';
import { newSessionOptions, readSessionOptions } from './newSessionOptions';

const MARGIN_MS = 15_000;
const HINT =
  'Open WhatsApp on the phone, go to Settings > Linked devices > Link a device, and scan the picture under Binary > View. It changes after some seconds: run the node again if it has expired.';

const isConnected = (session: Session): boolean => session.status === 'connected';

function connectedOutput(session: Session, itemIndex: number): INodeExecutionData {
  return outputOf({ ...session, connected: true }, itemIndex);
}

async function fetchQr(
  context: IExecuteFunctions,
  id: string,
  waitSeconds: number,
): Promise<QrCode | undefined> {
  const answer = await unless(['session_connected'], async () =>
    gatewayRequest<QrCode>(context, {
      method: 'GET',
      path: `${sessionPath(id)}/qr`,
      query: { waitSeconds },
      headers: { Accept: 'application/json' },
      timeoutMs: waitSeconds * 1000 + MARGIN_MS,
    }),
  );
  return answer?.body;
}

async function qrOfItem(context: IExecuteFunctions, itemIndex: number): Promise<INodeExecutionData> {
  const session = await ensureSession(context, itemIndex);
  if (isConnected(session)) return connectedOutput(session, itemIndex);
  const { dataUrl, waitSeconds } = readSessionOptions(context, itemIndex);
  const code = await fetchQr(context, session.id, waitSeconds);
  if (code === undefined) return connectedOutput(await getSession(context, session.id), itemIndex);
  const { qr, image, attempt, expiresAt } = code;
  const png = Buffer.from(image.slice(image.indexOf(',') + 1), 'base64');
  const binary = await context.helpers.prepareBinaryData(png, `${session.id}-qr.png`, 'image/png');
  const json: IDataObject = { sessionId: session.id, status: 'qr', connected: false, qr, attempt, expiresAt };
  if (dataUrl) json.dataUrl = image;
  return { ...outputOf(json, itemIndex), binary: { qr: binary } };
}

export const getQr: Operation = {
  fields: [namedSessionField, newSessionOptions({ forQr: true })],
  async execute(context) {
    const output = await forEachItem(context, (itemIndex) => qrOfItem(context, itemIndex));
    if (output.some(({ binary }) => binary !== undefined)) {
      context.addExecutionHints({ message: HINT, location: 'outputPane', type: 'info' });
    }
    return output;
  },
};
