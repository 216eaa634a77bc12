/**
 * The messages that one simulated phone holds, in order, from the records: those that arrived, those that its clients sent
 * (their copies), and those typed on it. What changes an earlier message is applied to it. Used by screen.ts and reading.ts.
 */
import { normalizeMessageContent, proto } from '@whiskeysockets/baileys';
import type { Records, SeenMessage, WrittenMessage } from '../records/records.js';
import { openVote } from './votes.js';
import { effectOf, shownContent, type Effect, type ShownContent } from './content.js';

export interface Entry {
  waId: string;
  /** Number of its author. */
  from: string;
  isMine: boolean;
  /** Device of the author: 0 is the phone itself, others are linked clients. */
  fromDevice: number;
  /** The other side's number, or a group's JID. */
  chat: string;
  addressing: 'pn' | 'lid';
  at: string;
  content: ShownContent;
  isEdited: boolean;
  isRevoked: boolean;
  /** The last emoji of each person. */
  reactions: Map<string, string>;
  /** What each person has voted for in it. */
  votes: Map<string, string[]>;
}

type Read = { effect: Effect } | { content: ShownContent };

/** Reading a protobuf costs more than looking at it again, and records do not change. */
const memory = new WeakMap<SeenMessage | WrittenMessage, Read>();

function read(record: SeenMessage | WrittenMessage): Read {
  const known = memory.get(record);
  if (known) return known;
  const message = 'content' in record ? record.content : proto.Message.fromObject(record.message);
  const effect = effectOf(normalizeMessageContent(message) ?? {});
  const made = effect ? { effect } : { content: shownContent(message) };
  memory.set(record, made);
  return made;
}

/** Who changes a message, and under which kind of address. */
type Change = Pick<Entry, 'from' | 'addressing'>;

function applyVote(
  target: Entry,
  vote: proto.Message.IPollEncValue,
  { from: voter, addressing }: Change,
): void {
  const { waId: pollId, from: creator } = target;
  const { poll } = target.content;
  const options = poll && openVote(vote, { ...poll, pollId, creator, voter, addressing });
  if (options) target.votes.set(voter, options);
}

function apply(effect: Effect, target: Entry | undefined, by: Change): void {
  const author = by.from;
  if (effect.kind === 'unseen' || !target) return;
  if (effect.kind === 'vote') {
    applyVote(target, effect.vote, by);
    return;
  }
  if (effect.kind === 'reaction') {
    if (effect.emoji === '') target.reactions.delete(author);
    else target.reactions.set(author, effect.emoji);
    return;
  }
  // Nobody changes what somebody else has written.
  if (author !== target.from) return;
  if (effect.kind === 'revoke') target.isRevoked = true;
  else {
    target.isEdited = true;
    target.content = { ...target.content, text: effect.text };
  }
}

const toEntry = (record: SeenMessage | WrittenMessage, content: ShownContent, number: string): Entry => ({
  waId: record.waId,
  from: record.from,
  isMine: record.from === number,
  fromDevice: 'fromDevice' in record ? record.fromDevice : 0,
  chat: record.chat,
  addressing: record.addressing,
  at: record.at,
  content,
  isEdited: false,
  isRevoked: false,
  reactions: new Map(),
  votes: new Map(),
});

/** Everything that the phone of this number holds, oldest first. */
export function entriesOf(records: Records, number: string): Entry[] {
  const arrived = records.messages
    .all()
    .filter(({ to, device, displayed }) => to === number && device === 0 && displayed);
  const written = records.written.all().filter(({ from }) => from === number);
  const all = [...arrived, ...written].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const entries = new Map<string, Entry>();
  for (const record of all) {
    const made = read(record);
    if ('content' in made) {
      entries.set(`${record.chat} ${record.waId}`, toEntry(record, made.content, number));
    } else if (made.effect.kind !== 'unseen') {
      apply(made.effect, entries.get(`${record.chat} ${made.effect.waId}`), record);
    }
  }
  return [...entries.values()];
}
