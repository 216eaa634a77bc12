/**
 * A decrypted message as an event: received, edited, revoked, reaction, vote; or the reason why it is none. Pure.
 * Used by fromWhatsApp.
 */
import type { proto } from '@whiskeysockets/baileys';
import type { NewEvent } from '../../domain/event.js';
import type { InboxEntry } from '../../store/inbox.js';
import { readContent } from '../messageContent.js';
import { surroundingsOf } from './context.js';
import { canonical, personOf, sceneOf, type Account, type Completion, type Scene } from './people.js';
import type { Change, MessageContent } from './types.js';
import { openVote, type Poll } from './votes.js';
import { secretOf, unwrap } from './wrappers.js';

/** What the conversion has to know beside the entry. */
export interface Knowledge {
  account: Account;
  /** Whether messages typed on the account's own phone are wanted. */
  ownMessages: boolean;
  complete: Completion;
  /** The poll of a message id, if there is one. */
  pollOf: (messageId: string) => Poll | null;
}

/** A vote to be counted; its event gets the results. */
export interface CountedVote {
  poll: Poll;
  voter: string;
  choice: string[];
}

export type Converted =
  | {
      ignored: string;
      /** Only a key came; the message that it came with may still be missing. */
      keyOnly?: boolean;
    }
  | { events: NewEvent[]; poll?: Poll; vote?: CountedVote };

/** When the sender sent it; its arrival when the stanza has no time that a date can hold. */
export function sentAt({ stanza, receivedAt }: InboxEntry): string {
  const sent = new Date(Number(stanza.t) * 1000);
  return (Number.isNaN(sent.getTime()) ? new Date(receivedAt) : sent).toISOString();
}

type Envelope = Record<string, unknown> & { messageId: string };

interface Parts {
  entry: InboxEntry;
  scene: Scene;
  envelope: Envelope;
  knowledge: Knowledge;
}

/** What all events of a message carry. */
export function envelopeOf(entry: InboxEntry, { chat, sender, fromMe }: Scene): Envelope {
  const { stanza } = entry;
  return {
    messageId: stanza.id ?? '',
    from: { ...sender, name: stanza.notify ?? null },
    chat,
    fromMe,
    offline: stanza.offline !== undefined,
    sentAt: sentAt(entry),
  };
}

const EMPTY = {
  text: null,
  media: null,
  location: null,
  contacts: null,
  reaction: null,
};

function eventOf({ entry, scene, envelope }: Parts, type: NewEvent['type'], data: object): NewEvent {
  return {
    type,
    sessionId: entry.sessionId,
    dedupeKey: `in:${scene.chat.jid}:${scene.sender.jid ?? ''}:${envelope.messageId}`,
    data: { ...envelope, ...data },
  };
}

function voteConverted(parts: Parts, { targetId, vote }: Extract<Change, { kind: 'vote' }>): Converted {
  const { scene, knowledge } = parts;
  const poll = knowledge.pollOf(targetId);
  const choice = poll && openVote(vote, poll, scene.sender);
  const data = {
    pollMessageId: targetId,
    question: poll?.question ?? null,
    selectedOptions: choice,
    results: null,
    voters: null,
    error: null as { code: string; message: string } | null,
  };
  if (poll && choice) {
    const voter = scene.sender.jid ?? '';
    return { events: [eventOf(parts, 'poll.vote', data)], vote: { poll, voter, choice } };
  }
  data.error = poll
    ? { code: 'vote_undecryptable', message: 'The vote could not be decrypted with the secret of its poll.' }
    : { code: 'poll_unknown', message: 'This gateway has neither sent nor received the poll of this vote.' };
  return { events: [eventOf(parts, 'poll.vote', data)] };
}

function changeConverted(parts: Parts, change: Change): Converted {
  if (change.kind === 'vote') return voteConverted(parts, change);
  if (change.kind === 'reaction') {
    const reaction = { messageId: change.targetId, emoji: change.emoji };
    return { events: [eventOf(parts, 'message.reaction', { reaction })] };
  }
  if (change.kind === 'revoke') {
    return { events: [eventOf(parts, 'message.revoked', { revokedMessageId: change.targetId })] };
  }
  const { kind, text = null } = change.content;
  return { events: [eventOf(parts, 'message.edited', { editedMessageId: change.targetId, kind, text })] };
}

function pollConverted(parts: Parts, content: MessageContent, secret: Buffer | null): Poll | undefined {
  if (!content.poll || !secret) return undefined;
  const { phone, lid } = parts.scene.sender;
  const { question, options } = content.poll;
  return { messageId: parts.envelope.messageId, question, options, secret, creator: { phone, lid } };
}

function converted(parts: Parts, message: proto.IMessage): Converted {
  const content = readContent(message);
  if (content.kind === 'silent') return { ignored: content.reason, keyOnly: content.keyOnly };
  if ('targetId' in content) return changeConverted(parts, content);
  const unwrapped = unwrap(message);
  const { complete } = parts.knowledge;
  const { quoted, mentions, forwarded, advertisement } = surroundingsOf(unwrapped.inner);
  const data = {
    ...EMPTY,
    quoted: quoted && {
      messageId: quoted.messageId,
      from: quoted.participant === null ? null : personOf(complete, quoted.participant),
      text: quoted.text,
    },
    mentions: mentions.map((jid) => canonical(complete, jid)),
    forwarded,
    viewOnce: unwrapped.viewOnce,
    ...(advertisement && { advertisement }),
    ...content,
  };
  const poll = pollConverted(parts, content, secretOf(unwrapped));
  return { events: [eventOf(parts, 'message.received', data)], ...(poll && { poll }) };
}

const UNSUPPORTED = {
  ...EMPTY,
  quoted: null,
  mentions: [],
  forwarded: false,
  viewOnce: false,
  kind: 'unsupported',
};

export interface Missing {
  typeName: string;
  code: string;
  message: string;
}

function missingContent(parts: Parts, { typeName, code, message }: Missing): Converted {
  const data = { ...UNSUPPORTED, typeName, reason: { code, message } };
  return { events: [eventOf(parts, 'message.received', data)] };
}

/** Converts a message; `content` may also say why it is missing, and then the event says it. */
export function messageConverted(
  entry: InboxEntry,
  content: { message: proto.IMessage } | { missing: Missing },
  knowledge: Knowledge,
): Converted {
  const scene = sceneOf(entry.stanza, knowledge.account, knowledge.complete);
  if (!scene) return { ignored: 'not a chat with a person or a group' };
  if (scene.fromMe && !knowledge.ownMessages) return { ignored: 'sent by this account itself' };
  const parts = { entry, scene, envelope: envelopeOf(entry, scene), knowledge };
  return 'missing' in content ? missingContent(parts, content.missing) : converted(parts, content.message);
}
