/**
 * What changes or answers an earlier message: reactions, edits, revokes, votes; and what is for the protocol alone.
 * Pure readers; used by messageContent.
 */
import { proto } from '@whiskeysockets/baileys';
import type { Reader, Silent } from './types.js';

const { Type } = proto.Message.ProtocolMessage;

export const silent = (reason: string, keyOnly = false): Silent => ({ kind: 'silent', reason, keyOnly });

export const readReaction: Reader = ({ reactionMessage }) =>
  reactionMessage?.key?.id
    ? { kind: 'reaction', targetId: reactionMessage.key.id, emoji: reactionMessage.text ?? '' }
    : null;

export const readVote: Reader = ({ pollUpdateMessage }) => {
  const targetId = pollUpdateMessage?.pollCreationMessageKey?.id;
  return targetId && pollUpdateMessage.vote ? { kind: 'vote', targetId, vote: pollUpdateMessage.vote } : null;
};

/** Revokes and edits are told apart here; `readEdited` reads the content that an edit brings. */
export const createProtocolReader =
  (readEdited: (message: proto.IMessage) => ReturnType<Reader>): Reader =>
  ({ protocolMessage }) => {
    if (!protocolMessage) return null;
    const { key, type, editedMessage } = protocolMessage;
    const targetId = key?.id;
    if (type === Type.REVOKE && targetId) return { kind: 'revoke', targetId };
    if (type === Type.MESSAGE_EDIT && targetId && editedMessage) {
      const content = readEdited(editedMessage);
      const isMessage = content !== null && !('targetId' in content) && content.kind !== 'silent';
      return { kind: 'edit', targetId, content: isMessage ? content : { kind: 'unsupported' } };
    }
    return silent(`a message for the protocol: ${Type[type ?? -1] ?? `type ${String(type)}`}`);
  };
