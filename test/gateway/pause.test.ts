/**
 * A paused queue takes messages, sends none and says so; resumed, it sends them in order.
 */
import { pair, useWorld, type SessionJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550015001';
const BOB = '4915550015002';

test('pause holds the queue with a reason, resume lets it go on', async () => {
  const gateway = await world.start();
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'pause', number: PHONE });
  const paused = await gateway.ask<SessionJson>('POST', '/v1/sessions/pause/pause');
  expect(paused.queue).toMatchObject({
    paused: true,
    nextSendAt: null,
    hold: { code: 'paused', until: null },
  });
  const message = (text: string) => ({ sessionId: 'pause', to: BOB, text });
  for (const text of ['one', 'two']) await gateway.ask('POST', '/v1/messages', message(text));
  const held = await gateway.ask<{ status: string }>(
    'POST',
    '/v1/messages?wait=sent&timeoutSeconds=1',
    message('three'),
  );
  expect(held.status).toBe('queued');
  expect(await world.phone().messages.list({ to: BOB })).toEqual([]);
  const resumed = await gateway.ask<SessionJson>('POST', '/v1/sessions/pause/resume');
  expect(resumed.queue).toMatchObject({ paused: false });
  const seen = await world.phone().messages.waitFor({ to: BOB, device: 0 }, { count: 3 });
  expect(seen.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  const missing = await gateway.call<{ code: string }>('POST', '/v1/sessions/nobody/pause');
  expect([missing.status, missing.body.code]).toEqual([404, 'session_not_found']);
});
