/**
 * The server's acknowledgement of a client's message, with the faults that can befall it.
 */
import { parseAddress, isGroup } from '../directory/address.js';
import type { Account } from '../directory/directory.js';
import { isAdmin } from '../groups/groups.js';
import type { Session } from '../login/session.js';
import { node, stanzaTime, type BinaryNode } from '../wire/nodes.js';

const DEFAULT_DELAY_MS = 1000;
const DEFAULT_ERROR = 463;
/** Only admins write in this group. */
const FORBIDDEN = 403;

/** Under the reach-out time-lock only those may be written to who have written before. */
function isTimelocked(sender: Account, recipient: Account | undefined): boolean {
  const { timelock } = sender.restrictions;
  if (!recipient || recipient === sender || !timelock || timelock.endsAt <= Date.now()) return false;
  return !sender.acquaintances.has(recipient.number);
}

/** Sends (or withholds, delays, turns into an error) the ack; false when the message must go no further. */
export function acknowledgeMessage(session: Session, stanza: BinaryNode): boolean {
  const { world, account, connection } = session;
  const { id, to = '', participant } = stanza.attrs;
  const recipient = isGroup(to) ? to : (world.directory.byJid(to)?.number ?? parseAddress(to)?.user);
  const scene = { session: account.number, recipient };
  const ack = (error?: number): void =>
    connection.send(node('ack', { class: 'message', id, from: to, t: stanzaTime(), participant, error }));

  const refused = world.faults.take('refuse_message', scene);
  if (refused) {
    ack(refused.code ?? DEFAULT_ERROR);
    return false;
  }
  if (isTimelocked(account, world.directory.byJid(to))) {
    ack(DEFAULT_ERROR);
    return false;
  }
  const group = world.groups.find(to);
  if (group?.isAnnouncement && !isAdmin(group, account)) {
    ack(FORBIDDEN);
    return false;
  }
  if (world.faults.take('drop_ack', scene)) return true;
  const late = world.faults.take('delay_ack', scene);
  if (late) setTimeout(ack, late.delayMs ?? DEFAULT_DELAY_MS).unref();
  else ack();
  return true;
}
