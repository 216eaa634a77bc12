/**
 * A gateway with the wrong encryption key says so and stops, and never touches what it cannot read.
 */
import { randomBytes } from 'node:crypto';
import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connected, pair, useWorld } from '../support/world.js';

const world = useWorld();

test('refuses to start with another key or without the key, and pairs nothing anew with the right one', async () => {
  const dataDir = world.newDataDir();
  const gateway = await world.start({ dataDir });
  await pair(gateway, world.phone(), { id: 'kept', number: '4915550006001' });
  expect(await gateway.stop()).toBe(0);
  const keyFile = join(dataDir, 'encryption.key');
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);

  const wrong = { SLUICE_ENCRYPTION_KEY: randomBytes(32).toString('base64') };
  await expect(world.start({ dataDir, env: wrong })).rejects.toThrow(
    /ended with code 1[^]*encryption key is not the one/,
  );
  renameSync(keyFile, `${keyFile}.away`);
  await expect(world.start({ dataDir })).rejects.toThrow(/ended with code 1[^]*encryption key is missing/);
  renameSync(`${keyFile}.away`, keyFile);

  await connected(await world.start({ dataDir }), 'kept');
});

test('a second gateway on the same folder is refused with the reason', async () => {
  const dataDir = world.newDataDir();
  await world.start({ dataDir });
  await expect(world.start({ dataDir })).rejects.toThrow(/ended with code 1[^]*Another gateway is running/);
});
