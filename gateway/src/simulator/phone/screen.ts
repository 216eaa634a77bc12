/**
 * What one simulated phone shows: its chats, and the messages of the one that is open. Made anew from the records whenever
 * somebody looks, so that a simulator at which nobody looks spends nothing on it. Used by desk.ts.
 */
import { isGroup, parseAddress } from '../directory/address.js';
import { linkedDevices, type Account } from '../directory/directory.js';
import { membersOf } from '../groups/groups.js';
import type { World } from '../world.js';
import type { ShownContent } from './content.js';
import { entriesOf, type Entry } from './entries.js';
import { grouped } from './grouped.js';
import { isUnread } from './reading.js';
import { TICKS, ticksOf, type Tick, type Ticks } from './ticks.js';

export interface ShownMessage extends Omit<Entry, 'chat' | 'reactions' | 'votes' | 'content'> {
  content: Omit<ShownContent, 'mentions'>;
  authorName: string;
  /** Of one's own messages: how far it has come; in a group, with the slowest member. */
  tick: Tick | null;
  /** In groups, for each member. */
  ticks: { name: string; tick: Tick }[];
  reactions: { emoji: string; name: string; isMine: boolean }[];
  /** Of a poll, by option: who has voted for it. */
  votes: { option: string; names: string[] }[];
  /** The name of the author of the message that it answers. */
  quotedName: string | null;
}

export interface Typing {
  name: string;
  kind: 'composing' | 'recording';
  at: string;
}

export interface ShownChat {
  /** A number, or a group's JID. */
  id: string;
  kind: 'direct' | 'group';
  title: string;
  /** The newest message as one line. */
  last: ShownMessage | null;
  unread: number;
  typing: Typing | null;
}

export interface OpenChat extends Omit<ShownChat, 'last' | 'unread'> {
  members: { number: string; name: string; role: string }[];
  /** The newest, oldest of them first. */
  messages: ShownMessage[];
  /** Older messages that are left out. */
  hidden: number;
}

export interface Screen {
  number: string;
  name: string;
  kind: 'phone' | 'contact';
  isOnline: boolean;
  policy: { delivered: boolean; read: boolean };
  linked: { id: number; platform: string; isConnected: boolean }[];
  chats: ShownChat[];
  open: OpenChat | null;
}

/** As many messages as the page shows of one chat. */
const MESSAGE_LIMIT = 200;

interface Scene {
  world: World;
  account: Account;
  ticks: Ticks;
}

const nameOf = ({ world, account }: Scene, number: string): string =>
  number === account.number ? 'You' : (world.directory.byNumber(number)?.name ?? `+${number}`);

/** People who are mentioned stand in the text with their address, and are shown with their name. */
function contentOf({ world }: Scene, { mentions, ...content }: ShownContent): ShownMessage['content'] {
  const text = mentions.reduce<string | null>((words, jid) => {
    const name = world.directory.byJid(jid)?.name;
    const user = parseAddress(jid)?.user;
    return name === undefined || user === undefined
      ? words
      : (words?.replaceAll(`@${user}`, `@${name}`) ?? null);
  }, content.text);
  return { ...content, text };
}

function recipientsOf({ world, account }: Scene, chat: string): Account[] {
  const group = world.groups.find(chat);
  if (group) return membersOf(world.directory, group).filter((member) => member !== account);
  return [world.directory.byNumber(chat) ?? []].flat();
}

function toMessage(scene: Scene, entry: Entry, all: Map<string, Entry>): ShownMessage {
  const { chat, reactions, votes, content, ...rest } = entry;
  const recipients = entry.isMine ? recipientsOf(scene, chat) : [];
  const ticks = recipients.map((to) => ({ name: to.name, tick: scene.ticks.of(entry, to) }));
  const slowest = Math.min(...ticks.map(({ tick }) => TICKS.indexOf(tick)));
  const quoted = all.get(`${chat} ${content.quote?.waId ?? ''}`);
  return {
    ...rest,
    content: contentOf(scene, content),
    authorName: nameOf(scene, entry.from),
    tick: entry.isMine ? (TICKS[slowest] ?? 'sent') : null,
    ticks: scene.world.groups.find(chat) ? ticks : [],
    reactions: [...reactions].map(([number, emoji]) => ({
      emoji,
      name: nameOf(scene, number),
      isMine: number === scene.account.number,
    })),
    votes: (content.poll?.options ?? []).map((option) => ({
      option,
      names: [...votes].flatMap(([number, chosen]) =>
        chosen.includes(option) ? [nameOf(scene, number)] : [],
      ),
    })),
    quotedName: quoted ? nameOf(scene, quoted.from) : null,
  };
}

/** Who shows this account that they are typing; a message from them ends it. */
function typingOf(scene: Scene, chat: string, entries: Entry[]): Typing | null {
  const { world, account } = scene;
  const { presences, shown } = world.records;
  const toHere = ({ from, to }: { from: string; to: string | null }): boolean =>
    (from === chat && to === account.number) || (to === chat && from !== account.number && isGroup(chat));
  const newest = [presences.all().findLast(toHere), shown.all().findLast(toHere)]
    .filter((presence) => presence !== undefined)
    .reduce<{ type: string; at: string; from: string } | undefined>(
      (best, each) => (best && best.at > each.at ? best : each),
      undefined,
    );
  if (newest?.type !== 'composing' && newest?.type !== 'recording') return null;
  const last = entries.findLast(({ from }) => from === newest.from);
  if (last && last.at >= newest.at) return null;
  return { name: nameOf(scene, newest.from), kind: newest.type, at: newest.at };
}

function chatOf(scene: Scene, id: string, entries: Entry[]): Omit<ShownChat, 'last' | 'unread'> {
  const group = scene.world.groups.find(id);
  return {
    id,
    kind: isGroup(id) ? 'group' : 'direct',
    title: group?.subject ?? nameOf(scene, id),
    typing: typingOf(scene, id, entries),
  };
}

function openChatOf(scene: Scene, id: string, entries: Entry[]): OpenChat {
  const group = scene.world.groups.find(id);
  const byId = new Map(entries.map((entry) => [`${entry.chat} ${entry.waId}`, entry]));
  return {
    ...chatOf(scene, id, entries),
    members: [...(group?.members ?? [])].map(([number, role]) => ({
      ...{ number, role },
      name: nameOf(scene, number),
    })),
    messages: entries.slice(-MESSAGE_LIMIT).map((entry) => toMessage(scene, entry, byId)),
    hidden: Math.max(0, entries.length - MESSAGE_LIMIT),
  };
}

function chatsOf(scene: Scene, byChat: Map<string, Entry[]>): ShownChat[] {
  const groups = scene.world.groups.all().filter(({ members }) => members.has(scene.account.number));
  const ids = new Set([...byChat.keys(), ...groups.map(({ id }) => id)]);
  const chats = [...ids].map((id) => {
    const entries = byChat.get(id) ?? [];
    const last = entries.at(-1);
    return {
      ...chatOf(scene, id, entries),
      last: last ? toMessage(scene, last, new Map()) : null,
      unread: entries.filter((entry) => isUnread(entry, scene.account, scene.ticks)).length,
    };
  });
  return chats.sort((a, b) => ((a.last?.at ?? '') < (b.last?.at ?? '') ? 1 : -1));
}

/** What the phone of `account` shows, with one chat open or none. */
export function screenOf(world: World, account: Account, open: string | null): Screen {
  const scene = { world, account, ticks: ticksOf(world.records, account) };
  const byChat = grouped(entriesOf(world.records, account.number), ({ chat }) => chat);
  return {
    number: account.number,
    name: account.name,
    kind: account.kind,
    isOnline: account.online.isOnline(),
    policy: { ...account.policy },
    linked: linkedDevices(account).map(({ id, registration, connection }) => ({
      id,
      platform: registration.platform,
      isConnected: connection !== undefined,
    })),
    chats: chatsOf(scene, byChat),
    open: open === null ? null : openChatOf(scene, open, byChat.get(open) ?? []),
  };
}
