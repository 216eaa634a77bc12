/**
 * A client whose certificate check works (rc14's own lets everything pass) is let in by `SLUICE_WHATSAPP_ROOT_KEY`, and by
 * nothing else.
 */
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { connected, pair, useWorld, type SessionJson } from '../support/world.js';

const CHECK = pathToFileURL(resolve('test/support/workingCertificateCheck.mjs')).href;
const NODE_OPTIONS = `--import=${CHECK}`;

const world = useWorld();

test('with the root key of the simulator a session is linked, and comes back after a restart', async () => {
  const dataDir = world.newDataDir();
  const gateway = await world.start({ dataDir, env: { NODE_OPTIONS } });
  await pair(gateway, world.phone(), { id: 'trusting', number: '4915550006101' });
  expect(await gateway.stop()).toBe(0);
  await connected(await world.start({ dataDir, env: { NODE_OPTIONS } }), 'trusting');
});

test("without it, and with another's, the server is not believed, and no code is ever shown", async () => {
  for (const rootKey of ['', 'ab'.repeat(32)]) {
    const env = { NODE_OPTIONS, SLUICE_WHATSAPP_ROOT_KEY: rootKey };
    const gateway = await world.start({ dataDir: world.newDataDir(), env });
    await gateway.ask('POST', '/v1/sessions', { id: 'doubting' });
    const session = await gateway.ask<SessionJson>(
      'GET',
      '/v1/sessions/doubting?waitFor=disconnected&timeoutSeconds=30',
    );
    expect(session).toMatchObject({ status: 'disconnected', phone: null });
    expect(session.reason?.message).toContain('code 400');
    const { status } = await gateway.call('GET', '/v1/sessions/doubting/qr?waitSeconds=3');
    expect(status).toBe(404);
    expect(await world.phone().pairings.list()).toEqual([]);
    await gateway.stop();
  }
});
