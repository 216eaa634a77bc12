/** Edits, deletions and other changes of messages. */
import { IMAGE, KEY, changed } from './parts.mjs';

export const changes = {
  reaction: changed(
    'message.reaction',
    { reactionMessage: { key: KEY, text: '👍', senderTimestampMs: 1_767_225_600_000 } },
    { reaction: { messageId: '3EB0TARGET', emoji: '👍' } },
  ),
  'reaction-withdrawn': changed(
    'message.reaction',
    { reactionMessage: { key: KEY, text: '' } },
    { reaction: { messageId: '3EB0TARGET', emoji: '' } },
  ),
  edit: changed(
    'message.edited',
    {
      protocolMessage: {
        key: { ...KEY, fromMe: false },
        type: 'MESSAGE_EDIT',
        editedMessage: { conversation: 'corrected' },
        timestampMs: 1_767_225_600_000,
      },
    },
    { editedMessageId: '3EB0TARGET', kind: 'text', text: 'corrected' },
  ),
  'edit-in-its-envelope': changed(
    'message.edited',
    {
      editedMessage: {
        message: {
          protocolMessage: {
            key: { ...KEY, fromMe: false },
            type: 'MESSAGE_EDIT',
            editedMessage: { imageMessage: { ...IMAGE, caption: 'new caption' } },
          },
        },
      },
    },
    { editedMessageId: '3EB0TARGET', kind: 'image', text: 'new caption' },
  ),
  revoke: changed(
    'message.revoked',
    { protocolMessage: { key: { ...KEY, fromMe: false }, type: 'REVOKE' } },
    { revokedMessageId: '3EB0TARGET' },
  ),
  'vote-in-an-unknown-poll': changed(
    'poll.vote',
    {
      pollUpdateMessage: {
        pollCreationMessageKey: KEY,
        vote: {
          encPayload: Buffer.alloc(48, 5).toString('base64'),
          encIv: Buffer.alloc(12, 6).toString('base64'),
        },
        senderTimestampMs: 1_767_225_600_000,
      },
    },
    { pollMessageId: '3EB0TARGET', selectedOptions: null, error: { code: 'poll_unknown' } },
  ),
};
