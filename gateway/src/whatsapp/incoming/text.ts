/**
 * The text that a person reads in a message, whatever its kind. Pure.
 */
import type { proto } from '@whiskeysockets/baileys';

type Text = string | null | undefined;

/** The first that says something. */
export const firstText = (...texts: Text[]): string | null =>
  texts.find((text) => text !== null && text !== undefined && text !== '') ?? null;

const captionOf = (message: proto.IMessage): string | null =>
  firstText(
    message.imageMessage?.caption,
    message.videoMessage?.caption,
    message.ptvMessage?.caption,
    message.documentMessage?.caption,
    message.liveLocationMessage?.caption,
    message.groupInviteMessage?.caption,
  );

const pollNameOf = (message: proto.IMessage): string | null =>
  firstText(
    message.pollCreationMessage?.name,
    message.pollCreationMessageV2?.name,
    message.pollCreationMessageV3?.name,
    message.pollCreationMessageV5?.name,
  );

/** Text, caption, question or pressed title of an unwrapped message; null when it has none. */
export const textOf = (message: proto.IMessage): string | null =>
  firstText(
    message.conversation,
    message.extendedTextMessage?.text,
    captionOf(message),
    pollNameOf(message),
    message.buttonsResponseMessage?.selectedDisplayText,
    message.templateButtonReplyMessage?.selectedDisplayText,
    message.listResponseMessage?.title,
    message.interactiveResponseMessage?.body?.text,
    message.buttonsMessage?.contentText,
    message.listMessage?.description,
    message.interactiveMessage?.body?.text,
    message.locationMessage?.name,
    message.contactMessage?.displayName,
  );
