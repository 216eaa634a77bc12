/**
 * The QR code of a session, as JSON, PNG, SVG or text for a terminal: by ?format= or by the Accept header.
 * Whoever reads it can link the account to a phone, so it needs the permission to manage sessions.
 */
import type { Request } from 'express';
import QRCode from 'qrcode';
import type { SessionQr } from '../../domain/session.js';
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
];
