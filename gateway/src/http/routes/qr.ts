/**
 * The QR code of a session, as JSON, PNG, SVG or text for a terminal: by ?format= or by the Accept header; and the code
 * to type instead.
 * Whoever reads it can link the account to a phone, so it needs the permission to manage sessions.
 */
import type { Request } from 'express';
import QRCode from 'qrcode';
import type { SessionQr } from '../../domain/session.js';
import { parseRecipient } from '../../domain/address.js';
import { gatewayError } from '../../domain/error.js';
import { MARGIN, WIDTH, qrPng } from '../qrPicture.js';
import { ok, route, type Answer } from '../route.js';
import { sessionParams, toTime } from '../schemas/common.js';
import * as schema from '../schemas/sessions.js';
import { untilStopping } from '../stopping.js';

type Format = (typeof schema.QR_FORMATS)[number];

const CONTENT_TYPES: Record<Format, string> = {
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  text: 'text/plain',
};

/** The format that the client likes best; JSON when it likes none of ours. */
function acceptedFormat(request: Request): Format {
  const best = request.accepts(Object.values(CONTENT_TYPES));
  return schema.QR_FORMATS.find((format) => CONTENT_TYPES[format] === best) ?? 'json';
}

async function draw({ qr, attempt, expiresAt }: SessionQr, format: Format): Promise<Answer> {
  const headers = { Vary: 'Accept' };
  const contentType = CONTENT_TYPES[format];
  if (format === 'png') return { status: 200, bytes: qrPng(qr), contentType, headers };
  if (format === 'json') {
    const image = `data:image/png;base64,${qrPng(qr).toString('base64')}`;
    return { ...ok({ qr, image, attempt, expiresAt: toTime(expiresAt) }), headers };
  }
  const type = format === 'svg' ? 'svg' : 'utf8';
  return {
    status: 200,
    bytes: await QRCode.toString(qr, { type, margin: MARGIN, width: WIDTH }),
    contentType,
    headers,
  };
}

export const qrRoutes = [
  route(
    {
      method: 'get',
      path: '/v1/sessions/{id}/qr',
      tag: 'Sessions',
      summary: 'The QR code to scan with the phone',
      access: 'sessions:manage',
      params: sessionParams,
      query: schema.qrQuery,
      answers: {
        200: {
          description: 'The code; it changes every few seconds, see expiresAt',
          schema: schema.qrCode,
          contentTypes: ['image/png', 'image/svg+xml', 'text/plain'],
        },
      },
      errors: ['session_not_found', 'session_connected', 'qr_not_available'],
    },
    async ({ sessions }, { params, query, request, stopping }) => {
      const code = await untilStopping(stopping, sessions.qr(params.id, query.waitSeconds * 1000));
      if (!code) throw gatewayError('shutting_down');
      return draw(code, query.format ?? acceptedFormat(request));
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/sessions/{id}/pairing-code',
      tag: 'Sessions',
      summary: 'A code to type on the phone instead of scanning',
      description:
        'On the phone: Settings, Linked devices, Link a device, Link with phone number instead. A new code makes the one before worthless.',
      access: 'sessions:manage',
      params: sessionParams,
      body: schema.pairingCodeRequest,
      answers: {
        200: { description: 'The code; it works until expiresAt', schema: schema.pairingCode },
      },
      errors: [
        'session_not_found',
        'session_connected',
        'invalid_state',
        'recipient_invalid',
        'session_not_connected',
      ],
    },
    async ({ sessions }, { params, body, stopping }) => {
      const { kind, user } = parseRecipient(body.phone);
      if (kind !== 'phone')
        throw gatewayError('recipient_invalid', 'A pairing code needs the number of a phone.');
      const made = await untilStopping(stopping, sessions.pairingCode(params.id, user));
      if (!made) throw gatewayError('shutting_down');
      return ok({ code: made.code, expiresAt: toTime(made.expiresAt) });
    },
  ),
];
