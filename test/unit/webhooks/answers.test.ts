import { createServer, type AddressInfo, type Socket } from 'node:net';
import { eventually } from '../../support/eventually.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhookReceiver.js';
import { HOUR, SECOND, openBed, type Bed } from './bed.js';

let bed: Bed;
let receiver: WebhookReceiver;

beforeEach(async () => {
  bed = await openBed();
  receiver = await startWebhookReceiver();
});

afterEach(async () => {
  await receiver.close();
  await bed.close();
});

test('a redirect is a failure and is not followed', async () => {
  const other = await startWebhookReceiver();
  const { webhook } = await bed.create(receiver.url);
  receiver.next({ status: 302, headers: { location: other.url } });
  await bed.startDispatcher();
  await bed.publish();
  const delivery = await bed.tried(webhook.id, 1);
  expect(delivery.attempts[0]).toMatchObject({
    status: 302,
    error: expect.stringContaining('redirects') as string,
  });
  expect(other.requests).toEqual([]);
  await other.close();
});

test('gives up waiting after 20 seconds', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next('hang');
  await bed.startDispatcher();
  await bed.publish();
  await receiver.waitFor(1);
  bed.advance(19 * SECOND);
  expect((await bed.deliveriesOf(webhook.id))[0]?.attemptCount).toBe(0);
  bed.advance(SECOND);
  const delivery = await bed.tried(webhook.id, 1);
  expect(delivery.attempts[0]).toMatchObject({
    status: null,
    durationMs: 20 * SECOND,
    error: 'No answer within 20 seconds.',
  });
});

test('an answer whose body never ends counts by its status, and is let go after 20 seconds', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next('hangInBody');
  await bed.startDispatcher();
  await bed.publish();
  await receiver.waitFor(1);
  // Once for the headers' arrival, whenever that is: the limit counts from the start of the attempt.
  bed.advance(19 * SECOND);
  await eventually('the timer of the attempt alone', () => receiver.requests.length === 1);
  const delivery = await eventually('delivered', async () => {
    bed.advance(SECOND);
    return (await bed.deliveriesOf(webhook.id)).find((one) => one.attemptCount > 0);
  });
  expect([
    { state: 'delivered', status: 200, response: 'beginning' },
    { state: 'pending', status: null, response: null },
  ]).toContainEqual({
    state: delivery.state,
    status: delivery.attempts[0]?.status,
    response: delivery.attempts[0]?.response,
  });
});

test('reads no more than the first bytes of an endless answer', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next('endless');
  await bed.startDispatcher();
  await bed.publish();
  const [delivery] = await bed.delivered(webhook.id, 1);
  expect(delivery?.attempts[0]?.response).toBe('x'.repeat(1_024));
  const sent = await eventually('the connection to be closed', () => receiver.bytesSent());
  expect(sent).toBeLessThan(50 * 1024 * 1024);
});

test('records an answer that no text column would take', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next({ status: 200, body: 'a\u0000b' });
  await bed.startDispatcher();
  await bed.publish();
  const [delivery] = await bed.delivered(webhook.id, 1);
  expect(delivery?.attempts[0]?.response).toBe('a\ufffdb');
});

test('honours Retry-After, up to an hour', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next(
    { status: 429, headers: { 'retry-after': '120' } },
    { status: 503, headers: { 'retry-after': '999999' } },
  );
  await bed.startDispatcher();
  await bed.publish();
  expect((await bed.tried(webhook.id, 1)).nextAttemptAt).toBe(bed.clock.now() + 120 * SECOND);
  bed.advance(120 * SECOND);
  expect((await bed.tried(webhook.id, 2)).nextAttemptAt).toBe(bed.clock.now() + HOUR);
});

/** A receiver that says what it likes to whoever connects, and breaks off. */
async function startBreaker(say: (socket: Socket) => void): Promise<{ url: string; close: () => void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => say(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}/hook`, close: () => server.close() };
}

function writeHeadersEndlessly(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\n');
  const more = (): void => {
    while (!socket.destroyed && socket.write(`x-more: ${'x'.repeat(1_000)}\r\n`));
  };
  socket.on('drain', more);
  more();
}

test.each<[string, (socket: Socket) => void, RegExp]>([
  ['closes without an answer', (socket) => socket.end(), /closed the connection/],
  ['resets the connection', (socket) => socket.resetAndDestroy(), /closed the connection/],
  [
    'breaks off in its headers',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
    /closed the connection|no valid HTTP/,
  ],
  ['speaks something else than HTTP', (socket) => socket.end('220 mail ready\r\n'), /no valid HTTP/],
  ['sends headers without end', writeHeadersEndlessly, /headers of the answer are too large/],
])('a receiver that %s: the reason is recorded, and the event comes again', async (_what, say, reason) => {
  const breaker = await startBreaker(say);
  const { webhook } = await bed.create(breaker.url);
  const neighbour = await bed.create(receiver.url);
  await bed.startDispatcher();
  await bed.publish();
  const delivery = await bed.tried(webhook.id, 1);
  expect(delivery).toMatchObject({ state: 'pending', attempts: [{ status: null, response: null }] });
  expect(delivery.attempts[0]?.error).toMatch(reason);
  expect(delivery.nextAttemptAt).toBeGreaterThan(bed.clock.now());
  expect(await bed.delivered(neighbour.webhook.id, 1)).toHaveLength(1);
  breaker.close();
});

test('a receiver that breaks off in the body of a 200 has taken the event', async () => {
  const breaker = await startBreaker((socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nbegin'),
  );
  const { webhook } = await bed.create(breaker.url);
  await bed.startDispatcher();
  await bed.publish();
  const [delivery] = await bed.delivered(webhook.id, 1);
  expect(delivery?.attempts).toMatchObject([{ status: 200, response: 'begin', error: null }]);
  breaker.close();
});
