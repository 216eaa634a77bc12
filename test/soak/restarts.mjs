/**
 * A hundred restarts in a row of a paired session: connected each time, no new QR code, a message out and one in at the
 * end. Every third end is a kill -9. `npm run test:restarts [-- count]`
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pairSession, startGateway } from '../../bench/lib/gateway.mjs';
import { startSimulator } from '../../bench/lib/simulator.mjs';

const count = Number(process.argv[2] ?? 100);
const PHONE = '4915550008001';
const CONTACT = '4915550008002';
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-restarts-'));
const simulator = await startSimulator();

async function connect(gateway) {
  const session = await gateway.call('GET', '/v1/sessions/soak?waitFor=connected&timeoutSeconds=60');
  assert.equal(session.status, 'connected', JSON.stringify(session.reason));
}

try {
  await simulator.phone.createContact({ number: CONTACT, name: 'Contact' });
  let gateway = await startGateway(simulator, { dataDir });
  await pairSession(gateway, simulator, { id: 'soak', number: PHONE });
  for (let restart = 1; restart <= count; restart += 1) {
    if (restart % 3 === 0) await gateway.kill9();
    else await gateway.stop({ keepData: true });
    gateway = await startGateway(simulator, { dataDir });
    await connect(gateway);
  }
  const sent = await gateway.call('POST', '/v1/messages?wait=delivered&timeoutSeconds=30', {
    sessionId: 'soak',
    to: CONTACT,
    text: 'still here',
  });
  assert.equal(sent.status, 'delivered');
  const waId = await simulator.phone.sendTo(PHONE, { from: CONTACT, text: 'still here too' });
  await simulator.phone.deliveries.waitFor({ waId, acknowledged: true });
  const { data } = await gateway.call('GET', '/v1/events?sessionId=soak&types=session.qr&afterSeq=0');
  assert.equal(data.length, 1, 'a restart asked for a new QR code');
  assert.deepEqual(await simulator.phone.errors.list(), []);
  await gateway.stop();
  process.stdout.write(`${count} restarts: connected each time, one QR code in all\n1 passed, 0 failed\n`);
} catch (error) {
  process.stdout.write(`${error.stack}\n0 passed, 1 failed\n`);
  process.exitCode = 1;
} finally {
  await simulator.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit();
