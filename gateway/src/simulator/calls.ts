/**
 * Calls: contacts offer and end them, clients can only reject, or ask for a link. No sound or picture is carried.
 */
import { randomBytes } from 'node:crypto';
import { jidOf } from './directory/address.js';
import { linkedDevices, type Account } from './directory/directory.js';
import { newInviteCode } from './groups/groups.js';
import { acknowledge, type Session, type StanzaHandler } from './login/session.js';
import { isoNow } from './records/records.js';
import { allChildren, type BinaryNode, childOf, node, stanzaTime } from './wire/nodes.js';

export interface CallEvent {
  from: Account;
  to: Account;
  callId?: string | undefined;
  event: 'offer' | 'terminate' | 'timeout';
  video: boolean;
}

function eventNode({ from, event, video }: CallEvent, callId: string): BinaryNode {
  const attrs = { 'call-id': callId, 'call-creator': jidOf(from, 'pn'), caller_pn: jidOf(from, 'pn') };
  if (event === 'offer') return node('offer', attrs, [node(video ? 'video' : 'audio', { enc: 'opus' })]);
  return node('terminate', { ...attrs, reason: event === 'timeout' ? 'timeout' : undefined });
}

/** Tells all clients of the called account; returns the call's id. */
export function signalCall(call: CallEvent): string {
  const callId = call.callId ?? randomBytes(16).toString('hex').toUpperCase();
  const attrs = { from: jidOf(call.from, 'pn'), id: randomBytes(8).toString('hex'), t: stanzaTime() };
  for (const device of linkedDevices(call.to))
    device.queue.push(node('call', attrs, [eventNode(call, callId)]));
  return callId;
}

/** A link to a call that nobody can join here, in the acknowledgement as the real server gives it. */
function giveLink({ connection }: Session, { attrs }: BinaryNode): void {
  const link = node('link_create', { token: newInviteCode() });
  connection.send(node('ack', { class: 'call', id: attrs.id, from: attrs.to, type: 'link_create' }, [link]));
}

/** `<call>` from a client: recorded and acknowledged. */
export const handleCall: StanzaHandler = (session, stanza) => {
  const { world, account, device } = session;
  if (childOf(stanza, 'link_create')) {
    giveLink(session, stanza);
    return;
  }
  const to = world.directory.byJid(stanza.attrs.to)?.number ?? stanza.attrs.to ?? '';
  for (const { tag, attrs } of allChildren(stanza)) {
    const callId = attrs['call-id'] ?? '';
    world.records.calls.add({
      callId,
      from: account.number,
      device: device.id,
      to,
      event: tag,
      at: isoNow(),
    });
  }
  acknowledge(session, stanza);
};
