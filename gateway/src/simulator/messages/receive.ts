/**
 * A simulated device takes a message: decrypts it, records what it saw, sends receipts as its account's policy says.
 * When it cannot decrypt, it asks the sender to send again, as phones do.
 */
import { proto } from '@whiskeysockets/baileys';
import { addressingOf, isGroup } from '../directory/address.js';
import type { SimulatedDevice } from '../directory/devices.js';
import { signalPeer, type Account } from '../directory/directory.js';
import type { Session } from '../login/session.js';
import { requestRetry } from '../receipts/retryRequest.js';
import { sendReceipt } from '../receipts/toClients.js';
import { recordSeen } from './seen.js';
import type { BinaryNode } from '../wire/nodes.js';
import { corrupt, unpad } from './content.js';
import { answerResendRequest } from './resend.js';

export interface Arrival {
  session: Session;
  stanza: BinaryNode;
}

export interface Receiver {
  account: Account;
  device: SimulatedDevice;
  enc: BinaryNode;
}

function groupOf({ stanza }: Arrival): string | undefined {
  const { to = '' } = stanza.attrs;
  return isGroup(to) ? to : undefined;
}

async function decrypt(arrival: Arrival, { account, device, enc }: Receiver): Promise<proto.Message> {
  const { session } = arrival;
  const { type } = enc.attrs;
  if (!(enc.content instanceof Uint8Array)) throw new Error('the encrypted part has no bytes');
  const author = signalPeer(session.account, session.device.id);
  const body = Buffer.from(enc.content);
  const scene = { session: session.account.number, recipient: account.number };
  if (session.world.faults.take('corrupt_message', scene)) corrupt(body);
  let padded: Buffer;
  if (type === 'skmsg')
    padded = await device.senderKeys.decrypt({ group: groupOf(arrival) ?? '', author }, body);
  else if (type === 'pkmsg' || type === 'msg') padded = await device.signal.decrypt(author, { type, body });
  else throw new Error(`unknown kind of encryption "${type ?? ''}"`);
  session.world.metrics.count('decrypted');
  const message = proto.Message.decode(unpad(padded));
  const key = message.senderKeyDistributionMessage;
  if (key?.groupId && key.axolotlSenderKeyDistributionMessage) {
    await device.senderKeys.learn({ group: key.groupId, author }, key.axolotlSenderKeyDistributionMessage);
  }
  return message;
}

/** Whether a message only hands out a key: there is nothing to show, the message itself comes beside it. */
const isKeyOnly = (message: proto.Message): boolean =>
  Boolean(message.senderKeyDistributionMessage) && Object.keys(proto.Message.toObject(message)).length === 1;

const ENCRYPTIONS = { pkmsg: 'pkmsg', msg: 'msg', skmsg: 'skmsg' } as const;

function record(arrival: Arrival, receiver: Receiver, message: proto.Message): void {
  const { session, stanza } = arrival;
  const { world, account, device } = session;
  const copy = message.deviceSentMessage;
  const destination = copy?.destinationJid ?? '';
  // A conversation is named by the other side: for a copy the recipient, for everybody else the sender or the group.
  const chat = copy ? (world.directory.byJid(destination)?.number ?? destination) : account.number;
  recordSeen(world, receiver, {
    waId: stanza.attrs.id ?? '',
    from: account.number,
    fromDevice: device.id,
    chat: groupOf(arrival) ?? chat,
    copy: receiver.account === account,
    addressing: addressingOf(stanza.attrs.to ?? ''),
    edit: stanza.attrs.edit ?? null,
    encryption: ENCRYPTIONS[receiver.enc.attrs.type as keyof typeof ENCRYPTIONS],
    message: copy?.message ?? message,
  });
}

/** Sends the receipts that the recipient's account sends by itself. */
function answerByPolicy(arrival: Arrival, { account, device }: Receiver): void {
  const { session, stanza } = arrival;
  const { world } = session;
  const group = world.groups.find(groupOf(arrival) ?? '');
  const addressing = group?.addressing ?? addressingOf(stanza.attrs.to ?? '');
  const ids = [stanza.attrs.id ?? ''];
  const common = { from: account, device: device.id, to: session.account, ids, addressing, group: group?.id };
  if (account.policy.delivered) sendReceipt(world, common);
  if (account.policy.read && device.id === 0) sendReceipt(world, { ...common, type: 'read' });
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
    if (stanza.attrs.category === 'peer') {
      await answerResendRequest(arrival, message);
      return;
    }
    if (isKeyOnly(message)) return;
    record(arrival, receiver, message);
    if (receiver.account !== session.account) answerByPolicy(arrival, receiver);
  });
}
