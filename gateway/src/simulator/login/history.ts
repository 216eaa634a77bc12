/**
 * The history that a phone gives a newly linked client: what was written before, by conversation, inline in one message.
 */
import { proto } from '@whiskeysockets/baileys';
import { isGroup, jidOf } from '../directory/address.js';
import type { Account } from '../directory/directory.js';
import type { SeenMessage } from '../records/records.js';
import type { World } from '../world.js';

const MAX_MESSAGES_PER_CHAT = 50;
const MAX_CHATS = 100;
const HistorySync = proto.HistorySync.HistorySyncType;

/** The conversation of a message as the account's phone shows it; undefined when the phone has no part in it. */
function chatOn(account: Account, record: SeenMessage): string | undefined {
  if (record.device !== 0) return undefined;
  if (record.to === account.number) return record.chat;
  if (record.from !== account.number || record.fromDevice !== 0) return undefined;
  return isGroup(record.chat) ? record.chat : record.to;
}

/** Messages by conversation, oldest first, each once. */
function conversationsOf({ records }: World, account: Account): Map<string, SeenMessage[]> {
  const conversations = new Map<string, Map<string, SeenMessage>>();
  for (const record of records.messages.all()) {
    const chat = chatOn(account, record);
    if (chat === undefined) continue;
    const messages = conversations.get(chat) ?? new Map<string, SeenMessage>();
    conversations.set(chat, messages.set(`${record.from} ${record.waId}`, record));
  }
  return new Map(
    [...conversations].slice(-MAX_CHATS).map(([chat, messages]) => [chat, [...messages.values()]]),
  );
}

/** A number's JID, a group's own. */
function jidOfChat({ directory }: World, chat: string): { id: string; lidJid?: string } {
  const account = directory.byNumber(chat);
  if (account) return { id: jidOf(account, 'pn'), lidJid: jidOf(account, 'lid') };
  return { id: isGroup(chat) ? chat : jidOf({ number: chat, lid: '' }, 'pn') };
}

function toHistory(world: World, account: Account, record: SeenMessage): proto.IHistorySyncMsg {
  const chat = chatOn(account, record) ?? '';
  const author = world.directory.byNumber(record.from);
  const participant = isGroup(chat) && author ? jidOf(author, record.addressing) : undefined;
  const fromMe = record.from === account.number;
  return {
    message: {
      key: { remoteJid: jidOfChat(world, chat).id, fromMe, id: record.waId, participant },
      message: record.message,
      messageTimestamp: Math.floor(Date.parse(record.at) / 1000),
      pushName: author?.name,
      participant,
    },
  };
}

/** The encoded HistorySync of an account. */
export function historyOf(world: World, account: Account): Buffer {
  const conversations = [...conversationsOf(world, account)].map(([chat, messages]) => ({
    ...jidOfChat(world, chat),
    name: world.directory.byNumber(chat)?.name ?? world.groups.find(chat)?.subject,
    // Newest first, as phones send it.
    messages: messages
      .slice(-MAX_MESSAGES_PER_CHAT)
      .reverse()
      .map((record) => toHistory(world, account, record)),
  }));
  const mappings = conversations.flatMap(({ id, lidJid }) => (lidJid ? [{ pnJid: id, lidJid }] : []));
  return Buffer.from(
    proto.HistorySync.encode({
      syncType: HistorySync.INITIAL_BOOTSTRAP,
      conversations,
      pushnames: [{ id: jidOf(account, 'pn'), pushname: account.name }],
      phoneNumberToLidMappings: mappings,
      chunkOrder: 0,
      progress: 100,
    }).finish(),
  );
}
