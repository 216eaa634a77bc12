/**
 * A simulated device takes a message: decrypts it, records what it saw, sends receipts as its account's policy says.
 * When it cannot decrypt, it asks the sender to send again, as phones do.
 */
import { proto } from '@whiskeysockets/baileys';
import { addressingOf } from '../directory/address.js';
import type { SimulatedDevice } from '../directory/devices.js';
import { signalPeer, type Account } from '../directory/directory.js';
import type { Session } from '../login/session.js';
import { requestRetry } from '../receipts/retryRequest.js';
import { sendReceipt } from '../receipts/toClients.js';
import { recordSeen } from './seen.js';
import type { BinaryNode } from '../wire/nodes.js';
import { corrupt, unpad } from './content.js';

export interface Arrival {
  session: Session;
  stanza: BinaryNode;
}

export interface Receiver {
  account: Account;
  device: SimulatedDevice;
  enc: BinaryNode;
}

async function decrypt({ session }: Arrival, { account, device, enc }: Receiver): Promise<proto.Message> {
  const type = enc.attrs.type;
  if (type !== 'pkmsg' && type !== 'msg') throw new Error(`unknown kind of encryption "${type ?? ''}"`);
  if (!(enc.content instanceof Uint8Array)) throw new Error('the encrypted part has no bytes');
  const peer = signalPeer(session.account, session.device.id);
  const body = Buffer.from(enc.content);
  const scene = { session: session.account.number, recipient: account.number };
  if (session.world.faults.take('corrupt_message', scene)) corrupt(body);
  const padded = await device.signal.decrypt(peer, { type, body });
  session.world.metrics.count('decrypted');
  return proto.Message.decode(unpad(padded));
}

function record(arrival: Arrival, receiver: Receiver, message: proto.Message): void {
  const { session, stanza } = arrival;
  const { world, account, device } = session;
  const copy = message.deviceSentMessage;
  const chat = copy?.destinationJid ?? stanza.attrs.to ?? '';
  recordSeen(world, receiver, {
    waId: stanza.attrs.id ?? '',
    from: account.number,
    fromDevice: device.id,
    chat: copy ? (world.directory.byJid(chat)?.number ?? chat) : receiver.account.number,
    copy: Boolean(copy),
    addressing: addressingOf(stanza.attrs.to ?? ''),
    encryption: receiver.enc.attrs.type === 'pkmsg' ? 'pkmsg' : 'msg',
    message: copy?.message ?? message,
  });
}

/** Sends the receipts that the recipient's account sends by itself. */
function answerByPolicy({ session, stanza }: Arrival, { account, device }: Receiver): void {
  const { world } = session;
  const ids = [stanza.attrs.id ?? ''];
  const common = { from: account, device: device.id, to: session.account, ids };
  const addressing = addressingOf(stanza.attrs.to ?? '');
  if (account.policy.delivered) sendReceipt(world, { ...common, addressing });
  if (account.policy.read && device.id === 0) sendReceipt(world, { ...common, addressing, type: 'read' });
}

/** Handles one encrypted part for one simulated device, behind those that came before. */
export function receiveMessage(arrival: Arrival, receiver: Receiver): Promise<void> {
  const { session, stanza } = arrival;
  return receiver.device.inbox.run(async () => {
    await receiver.account.online.whenOnline();
    let message: proto.Message;
    try {
      message = await decrypt(arrival, receiver);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const detail = `message ${stanza.attrs.id ?? ''} at ${receiver.account.number}:${receiver.device.id}: ${reason}`;
      session.world.records.flag('undecryptable', detail, session.account.number);
      requestRetry(arrival, receiver);
      return;
    }
    if (stanza.attrs.category === 'peer') return;
    record(arrival, receiver, message);
    if (receiver.account !== session.account) answerByPolicy(arrival, receiver);
  });
}
