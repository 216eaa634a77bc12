/**
 * Two who write to each other at the same time, by phone number and by LID: one ratchet serves both directions, and no
 * message has to be asked for a second time.
 */
import { eventsOf, pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550016001';
const BOB = '4915550016002';
const COUNT = 60;
const NUMBERS = Array.from({ length: COUNT }, (_, index) => index);

test('a conversation in both directions at once: each message is decrypted at the first try', async () => {
  const gateway = await world.start();
  const phone = world.phone();
  await phone.createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, phone, { id: 'both', number: PHONE });

  async function send(): Promise<void> {
    for (const index of NUMBERS)
      await gateway.ask<MessageJson>('POST', '/v1/messages', {
        sessionId: 'both',
        to: BOB,
        text: `out ${String(index)}`,
      });
  }
  async function write(): Promise<void> {
    for (const index of NUMBERS)
      await phone.sendTo(PHONE, {
        from: BOB,
        text: `in ${String(index)}`,
        addressing: index % 2 === 0 ? 'pn' : 'lid',
      });
  }
  await Promise.all([send(), write()]);

  const events = await eventsOf(gateway, { sessionId: 'both', type: 'message.received', count: COUNT });
  expect(events.map(({ data }) => data.text)).toEqual(NUMBERS.map((index) => `in ${String(index)}`));
  const seen = await phone.messages.waitFor({ to: BOB, device: 0 }, { count: COUNT, timeoutMs: 30_000 });
  expect(seen.map(({ text }) => text)).toEqual(NUMBERS.map((index) => `out ${String(index)}`));
  const deliveries = await phone.deliveries.list({});
  expect(deliveries.filter(({ retries }) => retries > 0)).toEqual([]);
  expect(await phone.errors.list()).toEqual([]);
});
