/**
 * The connection of one linked device, from its login to its end: hands each stanza to the part that knows it.
 */
import type { DeviceConnection, LinkedDevice } from '../directory/devices.js';
import type { Account } from '../directory/directory.js';
import { node, SERVER_JID, type BinaryNode } from '../wire/nodes.js';
import type { World } from '../world.js';

/** Who is talking, for every handler of a stanza. */
export interface Session {
  world: World;
  account: Account;
  device: LinkedDevice;
  connection: DeviceConnection;
}

export type StanzaHandler = (session: Session, stanza: BinaryNode) => void | Promise<void>;

/** By tag; a stanza without handler is recorded as an error. */
export type StanzaHandlers = Record<string, StanzaHandler>;

/** Runs the handler of a stanza; what it throws is recorded, never left to the process. */
export async function dispatchStanza(
  handlers: StanzaHandlers,
  session: Session,
  stanza: BinaryNode,
): Promise<void> {
  const { world, account } = session;
  world.metrics.count('stanzasIn');
  const handler = handlers[stanza.tag];
  if (!handler) {
    world.records.flag('malformed', `a stanza <${stanza.tag}> that nobody handles`, account.number);
    return;
  }
  try {
    await handler(session, stanza);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    world.records.flag('internal', `<${stanza.tag}>: ${reason}`, account.number);
    world.logger.warn({ tag: stanza.tag, reason }, 'the simulator could not handle a stanza');
  }
}

/** Answers a stanza that only has to be acknowledged. */
export function acknowledge(session: Session, stanza: BinaryNode): void {
  const { id, to, type, participant } = stanza.attrs;
  session.connection.send(node('ack', { class: stanza.tag, id, from: to ?? SERVER_JID, type, participant }));
}
