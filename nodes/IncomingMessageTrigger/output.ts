/**
 * An event as an item of the workflow: whole or simplified, with the media of a message as binary on request.
 * Called by delivery.ts once an event is believed and wanted.
 */
import type { IDataObject, INodeExecutionData, IWebhookFunctions } from 'n8n-workflow';

import { createPatience } from '../shared/patience';
import { gatewayRequest } from '../shared/transport';
import { toText } from '../shared/text';
import { truthOf } from '../shared/values';
import type { EventEnvelope, IncomingMessage } from '../shared/wire';
import { isMessage } from './filters';

/** What n8n stores as binary; its type names Node's stream, which nodes may not import. */
type MediaStream = Parameters<IWebhookFunctions['helpers']['prepareBinaryData']>[0];

/** Shorter than the gateway waits for our answer. */
const DOWNLOAD_TIMEOUT_MS = 10_000;
const FETCHING_SECONDS = 5;

/** What some kinds of messages have besides; see docs/events.md. */
const FURTHER_MEMBERS = ['location', 'contacts', 'mentions', 'poll', 'buttons', 'reply', 'details', 'reason'];

function simplifyMessage(event: EventEnvelope): IDataObject {
  const { messageId, fromMe, from, chat, kind, text, media, quoted, sentAt } =
    event.data as unknown as IncomingMessage;
  const simple: IDataObject = {
    messageId,
    sessionId: event.sessionId,
    // Goes into the field "To" of Send Message as it is, for people and groups alike.
    chat: chat.jid,
    chatKind: chat.kind,
    chatName: chat.name,
    from: from.phone ?? from.lid ?? from.jid,
    fromName: from.name,
    kind,
    text: text ?? media?.caption ?? '',
    quotedMessageId: quoted?.messageId ?? null,
    sentAt,
  };
  if (fromMe === true) simple.fromMe = true;
  if (media !== null) {
    simple.media = {
      id: media.id,
      mimeType: media.mimeType,
      filename: media.filename,
      sizeBytes: media.sizeBytes,
    };
  }
  for (const member of FURTHER_MEMBERS) {
    const value = event.data[member];
    const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) simple[member] = value;
  }
  return simple;
}

function simplify(event: EventEnvelope): IDataObject {
  const { id: eventId, type, timestamp, sessionId } = event;
  if (isMessage(event)) return { eventId, type, ...simplifyMessage(event) };
  // A message has a type of its own, which must not take the place of the event's.
  const { type: messageType, ...data } = event.data as IDataObject;
  const own: IDataObject = messageType === undefined ? data : { ...data, messageType };
  return { ...own, eventId, type, timestamp, sessionId };
}

async function download(
  context: IWebhookFunctions,
  event: EventEnvelope,
): Promise<INodeExecutionData['binary']> {
  const { media } = event.data as unknown as IncomingMessage;
  const given = context.getNodeParameter('options', {}) as { binaryProperty?: unknown };
  const name = toText(given.binaryProperty).trim();
  const binaryProperty = name === '' ? 'data' : name;
  // A file that the gateway is still fetching itself is asked for again.
  const { body } = await createPatience(FETCHING_SECONDS).attempt(() =>
    gatewayRequest<MediaStream>(context, {
      method: 'GET',
      path: `/v1/media/${encodeURIComponent(media?.id ?? '')}`,
      answer: 'stream',
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
    }),
  );
  const { filename, mimeType } = media ?? {};
  const file = await context.helpers.prepareBinaryData(body, filename ?? undefined, mimeType ?? undefined);
  return { [binaryProperty]: file };
}

function wantsDownload(context: IWebhookFunctions, event: EventEnvelope): boolean {
  const { downloadMedia } = context.getNodeParameter('options', {}) as { downloadMedia?: unknown };
  if (truthOf(downloadMedia) !== true || !isMessage(event)) return false;
  return typeof (event.data as unknown as IncomingMessage).media?.id === 'string';
}

/** The item for an event. A file that cannot be fetched is named in `mediaError`; the message still counts. */
export async function toItem(context: IWebhookFunctions, event: EventEnvelope): Promise<INodeExecutionData> {
  const isWhole = truthOf(context.getNodeParameter('simplify', true)) === false;
  const json = isWhole ? ({ ...event } as IDataObject) : simplify(event);
  if (!wantsDownload(context, event)) return { json };
  try {
    return { json, binary: await download(context, event) };
  } catch (error) {
    const mediaError = error instanceof Error ? error.message : String(error);
    return { json: { ...json, mediaError } };
  }
}
