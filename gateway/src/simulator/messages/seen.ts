/**
 * Notes that a simulated device shows a message: counts how often its id came, because a phone shows an id once.
 */
import type { SimulatedDevice } from '../directory/devices.js';
import type { Account } from '../directory/directory.js';
import { isoNow, type SeenMessage } from '../records/records.js';
import type { World } from '../world.js';
import { textOf } from './content.js';

export type SeenFacts = Omit<SeenMessage, 'to' | 'device' | 'arrival' | 'displayed' | 'text' | 'at'>;

/** Adds one arrival to the records. */
export function recordSeen(
  world: World,
  at: { account: Account; device: SimulatedDevice },
  facts: SeenFacts,
): SeenMessage {
  const { device, account } = at;
  const key = `${facts.from} ${facts.waId}`;
  const arrival = (device.arrivals.get(key) ?? 0) + 1;
  device.arrivals.set(key, arrival);
  return world.records.messages.add({
    ...facts,
    to: account.number,
    device: device.id,
    text: textOf(facts.message),
    arrival,
    displayed: arrival === 1,
    at: isoNow(),
  });
}
