import { createGuardedFetch, type GuardedFetch } from '../../../gateway/src/net/guardedFetch.js';
import { parsePrivateTargets } from '../../../gateway/src/net/privateTargets.js';
import { createTargetGuard, type Resolver } from '../../../gateway/src/net/targetGuard.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhookReceiver.js';

let receiver: WebhookReceiver;
let guarded: GuardedFetch | undefined;

beforeEach(async () => {
  receiver = await startWebhookReceiver();
});

afterEach(async () => {
  await guarded?.close();
  await receiver.close();
});

/** A fetch whose names resolve as given, and nowhere else. */
function fetchWith(privateTargets: string, resolve: Resolver): GuardedFetch {
  guarded = createGuardedFetch(
    createTargetGuard({ privateTargets: parsePrivateTargets(privateTargets), resolve }),
  );
  return guarded;
}

const post = (guardedFetch: GuardedFetch, url: string): Promise<Response> =>
  guardedFetch.fetch(url, { method: 'POST', headers: {}, body: 'x', signal: new AbortController().signal });

test('connects a name to the address that was checked, and keeps the name in the Host header', async () => {
  const port = String(receiver.port);
  const guardedFetch = fetchWith(`hook.example:${port}`, () => Promise.resolve(['127.0.0.1']));
  const response = await post(guardedFetch, `http://hook.example:${port}/path`);
  expect(response.status).toBe(200);
  expect(receiver.requests[0]).toMatchObject({ path: '/path', headers: { host: `hook.example:${port}` } });
});

test('an address that is allowed is reached through any name', async () => {
  const guardedFetch = fetchWith('127.0.0.0/8', () => Promise.resolve(['127.0.0.1']));
  expect((await post(guardedFetch, `http://any.example:${String(receiver.port)}/`)).status).toBe(200);
});

test.each([
  ['a private address', ['127.0.0.1']],
  ['a mapped one', ['::ffff:127.0.0.1']],
  ['a private one after a public one', ['93.184.215.14', '127.0.0.1']],
])('refuses a name that leads to %s, and sends nothing', async (_what, addresses) => {
  const guardedFetch = fetchWith('', () => Promise.resolve(addresses));
  await expect(post(guardedFetch, `http://hook.example:${String(receiver.port)}/`)).rejects.toMatchObject({
    code: 'target_not_allowed',
  });
  expect(receiver.requests).toEqual([]);
});

test('a name that changes its address after the check is refused for the connection', async () => {
  const answers = [['93.184.215.14'], ['127.0.0.1']];
  const guard = createTargetGuard({
    privateTargets: parsePrivateTargets(''),
    resolve: () => Promise.resolve(answers.shift() ?? []),
  });
  const url = `http://rebinding.example:${String(receiver.port)}/`;
  await guard.checkResolved(url);
  guarded = createGuardedFetch(guard);
  await expect(post(guarded, url)).rejects.toMatchObject({ code: 'target_not_allowed' });
  expect(answers).toEqual([]);
  expect(receiver.requests).toEqual([]);
});

test('a literal address is refused for the connection even when nothing has looked at the URL', async () => {
  const guard = createTargetGuard({
    privateTargets: parsePrivateTargets(''),
    resolve: () => Promise.resolve([]),
  });
  guarded = createGuardedFetch({ ...guard, check: (url) => new URL(url) });
  await expect(post(guarded, receiver.url)).rejects.toMatchObject({ code: 'target_not_allowed' });
  expect(receiver.requests).toEqual([]);
});

test('a name without an address is a failed connection, not a refusal', async () => {
  const guardedFetch = fetchWith('', () => Promise.resolve([]));
  await expect(post(guardedFetch, 'http://nowhere.example/')).rejects.toMatchObject({
    message: 'fetch failed',
  });
});

test('the port decides too', async () => {
  const guardedFetch = fetchWith(`127.0.0.1:${String(receiver.port + 1)}`, () => Promise.resolve([]));
  await expect(post(guardedFetch, receiver.url)).rejects.toMatchObject({ code: 'target_not_allowed' });
});
