/**
 * Receipts and acks from clients. They clear the server's queue, tell the sender what became of a message,
 * and ask for a message again that could not be decrypted.
 */
import { jidOf, addressingOf, isGroup } from '../directory/address.js';
import { linkedDevices } from '../directory/directory.js';
import { acknowledge, type Session, type StanzaHandler } from '../login/session.js';
import { answerReupload } from '../media/reupload.js';
import { sendAgain } from '../messages/toLinkedDevice.js';
import { isoNow } from '../records/records.js';
import { readRetryBundle } from '../signal/preKeyBundle.js';
import { type BinaryNode, childOf, childrenOf, node, stanzaTime } from '../wire/nodes.js';
import { announceOwnRead } from './ownReads.js';

/** Receipts that tell the sender something; the others are between the client, its phone and the server. */
const FOR_THE_SENDER = new Set(['delivered', 'inactive', 'read', 'played']);

const idsOf = (receipt: BinaryNode): string[] => [
  receipt.attrs.id ?? '',
  ...childrenOf(childOf(receipt, 'list'), 'item').map(({ attrs }) => attrs.id ?? ''),
];

/** Passes a receipt on to the clients of the message's sender. */
function forward({ world, account, device }: Session, receipt: BinaryNode, type: string): void {
  const { to = '', id, participant } = receipt.attrs;
  const sender = world.directory.byJid(participant ?? to);
  if (!sender || sender === account || !FOR_THE_SENDER.has(type)) return;
  const wireType = type === 'read' || type === 'played' ? type : undefined;
  const from = jidOf(account, addressingOf(to), device.id);
  const forwarded = node('receipt', { from, id, type: wireType, t: stanzaTime() });
  if (receipt.content !== undefined) forwarded.content = receipt.content;
  for (const client of linkedDevices(sender)) client.queue.push(forwarded);
}

/** What one client has read, the other clients of the same account show as read too. */
function tellOwnClients({ world, account, device }: Session, receipt: BinaryNode, ids: string[]): void {
  const { to = '', type, participant } = receipt.attrs;
  const author = world.directory.byJid(participant ?? to);
  if ((type !== 'read' && type !== 'read-self') || !author || author === account) return;
  const group = isGroup(to) ? to : undefined;
  const addressing = addressingOf(participant ?? to);
  announceOwnRead({ reader: account, device: device.id, author, ids, type, addressing, group });
}

/** The client could not decrypt: its simulated sender encrypts the same message anew. */
async function answerRetry(session: Session, receipt: BinaryNode): Promise<void> {
  const { world, account, device } = session;
  const { to = '', participant, id = '' } = receipt.attrs;
  const sender = world.directory.byJid(participant ?? to);
  const sent = device.sent.get(id);
  // The nack that the client sends after its retry request must not clear the repeat.
  device.expectedNacks.add(id);
  device.queue.acknowledge('message', id);
  if (!sender || !sent) {
    world.records.flag('unknown_recipient', `a retry request for ${id}, which is not known`, account.number);
    return;
  }
  // On its way to the sender it is lost, for which nobody can make up but a further request.
  if (world.faults.take('drop_retry', { session: account.number, recipient: sender.number })) return;
  const count = Number(childOf(receipt, 'retry')?.attrs.count ?? 1);
  const route = { world, from: { account: sender, device: sent.fromDevice }, to: { account, device } };
  const answer = (): Promise<void> => sendAgain(route, sent, { count, bundle: readRetryBundle(receipt) });
  // A phone without network answers when it is back; the client's other stanzas do not wait for it.
  if (sender.online.isOnline()) await answer();
  else void sender.online.whenOnline().then(answer);
}

export const handleReceipt: StanzaHandler = async (session, receipt) => {
  const { world, account, device } = session;
  const { to = '', participant } = receipt.attrs;
  const type = receipt.attrs.type ?? 'delivered';
  const waIds = idsOf(receipt);
  acknowledge(session, receipt);
  const chat = world.directory.byJid(participant ?? to)?.number ?? to;
  world.records.receipts.add({
    waIds,
    from: account.number,
    fromDevice: device.id,
    to: chat,
    type,
    at: isoNow(),
  });
  if (type === 'retry') return answerRetry(session, receipt);
  if (type === 'server-error') return answerReupload(session, receipt);
  for (const id of waIds) {
    device.queue.acknowledge('message', id);
    device.sent.delete(id);
  }
  forward(session, receipt, type);
  tellOwnClients(session, receipt, waIds);
};

/** The client has taken a stanza. */
export const handleAck: StanzaHandler = ({ device, world }, ack) => {
  const { id = '', class: stanzaClass = '', error } = ack.attrs;
  if (stanzaClass === 'message' && error !== undefined && device.expectedNacks.delete(id)) return;
  device.queue.acknowledge(stanzaClass, id);
  world.changes.notify();
};
