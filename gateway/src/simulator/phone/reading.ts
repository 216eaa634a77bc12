/**
 * What a phone has not been read yet, and the receipts that go out when its owner opens a chat.
 * Used by screen.ts (the count) and the control route (the receipts).
 */
import type { Account } from '../directory/directory.js';
import { isoNow } from '../records/records.js';
import { announceOwnRead } from '../receipts/ownReads.js';
import { sendReceipt } from '../receipts/toClients.js';
import type { World } from '../world.js';
import { entriesOf, type Entry } from './entries.js';
import { grouped } from './grouped.js';
import { ticksOf, type Ticks } from './ticks.js';

/** Whether the owner has yet to look at it. */
export const isUnread = (entry: Entry, account: Account, ticks: Ticks): boolean =>
  !entry.isMine && !account.policy.read && !ticks.hasRead(entry.waId);

/** Some messages of one author in one chat. */
interface Batch {
  author: Account;
  ids: string[];
  addressing: Entry['addressing'];
  group: string | undefined;
}

/**
 * The owner has read them on the phone: the author is told, unless the owner has turned that off (in groups nobody can), and so
 * are the owner's own clients.
 */
function readOnPhone(world: World, reader: Account, { author, ids, addressing, group }: Batch): void {
  const isSilent = reader.privacy.get('readreceipts') === 'none' && group === undefined;
  const type = isSilent ? 'read-self' : 'read';
  const parties = { from: reader.number, to: author.number };
  if (isSilent) world.records.given.add({ waIds: ids, ...parties, type: 'read-self', at: isoNow() });
  else sendReceipt(world, { from: reader, to: author, ids, type: 'read', addressing, group });
  announceOwnRead({ reader, author, ids, type, addressing, group });
}

/** The owner opens a chat: every message in it that was unread gets a read receipt. Answers how many. */
export function readChat(world: World, account: Account, chat: string): number {
  const ticks = ticksOf(world.records, account);
  const unread = entriesOf(world.records, account.number).filter(
    (entry) => entry.chat === chat && isUnread(entry, account, ticks),
  );
  // One receipt can name many messages, but only of one sender and under one kind of address.
  const batches = grouped(unread, ({ from, addressing }) => `${from} ${addressing}`);
  for (const batch of batches.values()) {
    const [first] = batch;
    const author = world.directory.byNumber(first?.from ?? '');
    if (!first || !author) continue;
    const group = world.groups.find(chat)?.id;
    const ids = batch.map(({ waId }) => waId);
    readOnPhone(world, account, { author, ids, addressing: first.addressing, group });
  }
  return unread.length;
}
