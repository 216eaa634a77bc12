/**
 * A simulator with a state folder can be stopped and started again without anybody noticing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulatorClient } from '../../gateway/src/simulator/client.js';
import { createSimulator } from '../../gateway/src/simulator/simulator.js';
import { connectClient, opened, received } from './support/client.js';
import { jid, openStage } from './support/stage.js';

let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'sluice-simulator-'));
});
afterEach(() => rm(stateDir, { recursive: true }));

test('a restart of the simulator unpairs nobody, loses no message and keeps every conversation', async () => {
  const stage = await openStage({ stateDir });
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  await client.socket.sendMessage(jid(contact), { text: 'before' });
  await stage.control.messages.waitFor({ to: contact, text: 'before' });
  await stage.control.sendTo(number, { from: contact, text: 'answer' });
  await received(client, 'answer');
  await client.end();
  await stage.control.sendTo(number, { from: contact, text: 'waits over the restart' });
  const { rootKeyHex } = stage.simulator;
  await stage.close();

  const second = await createSimulator({ stateDir });
  const control = createSimulatorClient(second.controlUrl);
  expect(second.rootKeyHex).toBe(rootKeyHex);
  const again = await opened(connectClient(second.url, client.auth));
  await received(again, 'waits over the restart');
  await again.socket.sendMessage(jid(contact), { text: 'after' });
  const [seen] = await control.messages.waitFor({ to: contact, text: 'after' });
  expect(seen).toMatchObject({ displayed: true });
  await control.sendTo(number, { from: contact, text: 'in the old session' });
  await received(again, 'in the old session');
  expect(await control.errors.list()).toEqual([]);
  await again.end();
  await second.stop();
});

test('a folder without state is an empty simulator, a broken file is refused', async () => {
  const first = await createSimulator({ stateDir: join(stateDir, 'new') });
  expect(await createSimulatorClient(first.controlUrl).phones()).toEqual([]);
  await first.stop();
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(stateDir, 'simulator.json'), 'no json');
  await expect(createSimulator({ stateDir })).rejects.toThrow(SyntaxError);
});
