/**
 * Presence (online, offline) and typing: of clients, recorded with times; of contacts, shown to clients.
 */
import { jidOf } from './directory/address.js';
import { linkedDevices, type Account } from './directory/directory.js';
import { membersOf, type Group } from './groups/groups.js';
import type { StanzaHandler } from './login/session.js';
import { isoNow } from './records/records.js';
import { type BinaryNode, childOf, node, stanzaTime } from './wire/nodes.js';
import type { World } from './world.js';

export type ShownPresence = 'available' | 'unavailable' | 'composing' | 'recording' | 'paused';

/** `<presence>`: available, unavailable, subscribe, or only a name. */
export const handlePresence: StanzaHandler = ({ world, account, device }, stanza) => {
  const { type, to, name } = stanza.attrs;
  const target = to === undefined ? null : (world.directory.byJid(to)?.number ?? to);
  const shown = type ?? (name === undefined ? 'available' : 'name');
  world.records.presences.add({
    from: account.number,
    device: device.id,
    to: target,
    type: shown,
    at: isoNow(),
  });
};

/** `<chatstate>`: composing (recording, when the medium is audio) or paused, in one chat. */
export const handleChatState: StanzaHandler = ({ world, account, device }, stanza) => {
  const composing = childOf(stanza, 'composing');
  const type = composing ? (composing.attrs.media === 'audio' ? 'recording' : 'composing') : 'paused';
  const to = world.directory.byJid(stanza.attrs.to)?.number ?? stanza.attrs.to ?? null;
  world.records.presences.add({ from: account.number, device: device.id, to, type, at: isoNow() });
};

/** To the clients that are connected now; nobody gets it later. */
function showTo(account: Account, stanza: BinaryNode): void {
  for (const device of linkedDevices(account)) if (device.ready) device.connection?.send(stanza);
}

const stateNode = (type: ShownPresence): BinaryNode =>
  node(type === 'paused' ? 'paused' : 'composing', { media: type === 'recording' ? 'audio' : undefined });

/** Shows a contact's presence or typing to somebody's clients. */
export function showPresence(from: Account, to: Account, type: ShownPresence): void {
  const jid = jidOf(from, 'pn');
  const stanza =
    type === 'available' || type === 'unavailable'
      ? node('presence', { from: jid, type: type === 'unavailable' ? type : undefined, last: stanzaTime() })
      : node('chatstate', { from: jid }, [stateNode(type)]);
  showTo(to, stanza);
}

/** Shows typing to the clients of everybody else in a group. */
export function showInGroup(
  { directory }: World,
  { from, group }: { from: Account; group: Group },
  type: ShownPresence,
): void {
  const attrs = { from: group.id, participant: jidOf(from, group.addressing) };
  const stanza = node('chatstate', attrs, [stateNode(type)]);
  for (const member of membersOf(directory, group)) if (member !== from) showTo(member, stanza);
}
