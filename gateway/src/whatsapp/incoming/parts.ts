/**
 * Texts, files, places, contact cards and polls. Pure readers; used by messageContent and by what businesses send.
 */
import type { proto } from '@whiskeysockets/baileys';
import { textOf } from './text.js';
import type { MediaDescription, MessageContent, Reader } from './types.js';
import { phonesOf } from './vcard.js';

export const readText: Reader = (message) => {
  const text = message.conversation ?? message.extendedTextMessage?.text;
  return text === undefined || text === null ? null : { kind: 'text', text };
};

interface MediaPart {
  mimetype?: string | null;
  fileName?: string | null;
  fileLength?: number | { toNumber(): number } | null;
  fileSha256?: Uint8Array | null;
  caption?: string | null;
}

/** What the message says of its file; whether it is there is filled in when the event is published. */
function mediaOf(part: MediaPart): MediaDescription {
  const size = part.fileLength ?? null;
  return {
    id: null,
    url: null,
    mimeType: part.mimetype ?? null,
    filename: part.fileName ?? null,
    sizeBytes: size === null || typeof size === 'number' ? size : size.toNumber(),
    sha256: part.fileSha256 ? Buffer.from(part.fileSha256).toString('hex') : null,
    caption: part.caption ?? null,
    error: null,
  };
}

const MEDIA_KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const;

export function readMedia(message: proto.IMessage): MessageContent | null {
  for (const kind of MEDIA_KINDS) {
    const part = message[`${kind}Message`] ?? (kind === 'video' ? message.ptvMessage : null);
    if (!part) continue;
    const voice = kind === 'audio' ? { voice: message.audioMessage?.ptt ?? false } : {};
    return { kind, text: textOf(message), media: mediaOf(part), ...voice };
  }
  return null;
}

export function readLocation(message: proto.IMessage): MessageContent | null {
  const { locationMessage: place, liveLocationMessage: live } = message;
  const part = place ?? live;
  if (!part) return null;
  return {
    kind: 'location',
    text: live?.caption ?? null,
    location: {
      latitude: part.degreesLatitude ?? 0,
      longitude: part.degreesLongitude ?? 0,
      name: place?.name ?? null,
      address: place?.address ?? null,
      live: Boolean(live) || (place?.isLive ?? false),
    },
  };
}

export const readContacts: Reader = ({ contactMessage, contactsArrayMessage }) => {
  const cards = contactsArrayMessage?.contacts ?? (contactMessage ? [contactMessage] : null);
  if (!cards) return null;
  return {
    kind: 'contacts',
    contacts: cards.map(({ displayName, vcard }) => ({
      name: displayName ?? null,
      phones: phonesOf(vcard),
      vcard: vcard ?? null,
    })),
  };
};

export const readPoll: Reader = (message) => {
  const poll =
    message.pollCreationMessage ??
    message.pollCreationMessageV2 ??
    message.pollCreationMessageV3 ??
    message.pollCreationMessageV5;
  if (!poll) return null;
  const options = (poll.options ?? []).map((option) => option.optionName ?? '');
  const question = poll.name ?? null;
  return {
    kind: 'poll',
    text: question,
    poll: { question, options, multiple: poll.selectableOptionsCount !== 1 },
  };
};

const numberOf = (value: number | { toNumber(): number } | null | undefined): number | null =>
  value === null || value === undefined || typeof value === 'number' ? (value ?? null) : value.toNumber();

const isoOf = (seconds: number | null): string | null => {
  const time = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
};

export const readInvite: Reader = ({ groupInviteMessage: invite }) =>
  invite
    ? {
        kind: 'group_invite',
        text: invite.caption ?? null,
        details: {
          groupJid: invite.groupJid ?? null,
          groupName: invite.groupName ?? null,
          inviteCode: invite.inviteCode ?? null,
          expiresAt: isoOf(numberOf(invite.inviteExpiration)),
        },
      }
    : null;

const THOUSANDTHS = 1000;
const amountOf = (thousandths: number | { toNumber(): number } | null | undefined): number | null => {
  const value = numberOf(thousandths);
  return value === null ? null : value / THOUSANDTHS;
};

export const readProduct: Reader = ({ productMessage }) =>
  productMessage
    ? {
        kind: 'product',
        text: productMessage.body ?? productMessage.product?.title ?? null,
        details: {
          productId: productMessage.product?.productId ?? null,
          retailerId: productMessage.product?.retailerId ?? null,
          title: productMessage.product?.title ?? null,
          description: productMessage.product?.description ?? null,
          price: amountOf(productMessage.product?.priceAmount1000),
          currency: productMessage.product?.currencyCode ?? null,
          url: productMessage.product?.url ?? null,
        },
      }
    : null;

export const readOrder: Reader = ({ orderMessage }) =>
  orderMessage
    ? {
        kind: 'order',
        text: orderMessage.message ?? orderMessage.orderTitle ?? null,
        details: {
          orderId: orderMessage.orderId ?? null,
          title: orderMessage.orderTitle ?? null,
          itemCount: orderMessage.itemCount ?? null,
          total: amountOf(orderMessage.totalAmount1000),
          currency: orderMessage.totalCurrencyCode ?? null,
          token: orderMessage.token ?? null,
        },
      }
    : null;

export const readCalendarEvent: Reader = ({ eventMessage }) =>
  eventMessage
    ? {
        kind: 'event',
        text: eventMessage.name ?? null,
        details: {
          name: eventMessage.name ?? null,
          description: eventMessage.description ?? null,
          place: eventMessage.location?.name ?? null,
          joinLink: eventMessage.joinLink ?? null,
          startsAt: isoOf(numberOf(eventMessage.startTime)),
          endsAt: isoOf(numberOf(eventMessage.endTime)),
          canceled: eventMessage.isCanceled ?? false,
        },
      }
    : null;
