/**
 * Notes that a simulated device shows a message: counts how often its id came, because a phone shows an id once.
 */
import type { SimulatedDevice } from '../directory/devices.js';
import type { Account } from '../directory/directory.js';
import { isoNow, type SeenMessage } from '../records/records.js';
import type { World } from '../world.js';
import { kindOf, textOf } from './content.js';

export type SeenFacts = Omit<SeenMessage, 'to' | 'device' | 'arrival' | 'displayed' | 'text' | 'at'>;

/** Adds one arrival to the records. */
export function recordSeen(
  world: World,
  at: { account: Account; device: SimulatedDevice },
  facts: SeenFacts,
): SeenMessage {
  const { device, account } = at;
  const { from, chat, waId } = facts;
  const text = textOf(facts.message);
  const arrival = device.arrivals.note({
    from,
    chat,
    waId,
    content: `${kindOf(facts.message)} ${text ?? ''}`,
  });
  if (arrival.isChanged) {
    const detail = `message ${waId} in ${chat} is another one than before: ${account.number}:${device.id} drops it`;
    world.records.flag('id_reused', detail, from);
  }
  return world.records.messages.add({
    ...facts,
    to: account.number,
    device: device.id,
    text,
    arrival: arrival.count,
    displayed: arrival.count === 1,
    at: isoNow(),
  });
}
