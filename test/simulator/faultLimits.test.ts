/**
 * Every kind of fault keeps to its limits: it spares other sessions and other recipients, it is over when its time is up, and
 * spent after its uses. Seen by real clients that do all that a fault could hit.
 */
import { opened, received, type TestClient } from './support/client.js';
import { jid, openStage, type Stage } from './support/stage.js';
import { fetchPath, upload } from './support/transfers.js';
import type { FaultRequest } from '../../gateway/src/simulator/control/schemas.js';
import { FAULT_KINDS, type FaultKind } from '../../gateway/src/simulator/faults/faults.js';
import { objectionTo } from '../../gateway/src/simulator/faults/limits.js';
import { eventually } from '../support/eventually.js';

/** Much longer than the client waits for anything in these tests. */
const FOREVER_MS = 60_000;
const CONFIG = { defaultQueryTimeoutMs: 5000, connectTimeoutMs: 5000, emitOwnEvents: false };

let stage: Stage;
let session: { number: string; client: TestClient };
let contact: string;
beforeAll(async () => {
  stage = await openStage();
  session = await stage.session(CONFIG);
  contact = await stage.contact();
});
afterEach(() => stage.control.clearFaults());
afterAll(() => stage.close());

/** The fault at its worst, as far as the kind can be told so. */
function worst(kind: FaultKind): FaultRequest {
  const whole = { delayMs: FOREVER_MS, bytesPerSecond: 1 };
  const isNeeded = (name: keyof typeof whole): boolean =>
    objectionTo({ kind, [name]: whole[name] }) === undefined || (objectionTo({ kind }) ?? '').includes(name);
  return {
    kind,
    ...(isNeeded('delayMs') ? { delayMs: whole.delayMs } : {}),
    ...(isNeeded('bytesPerSecond') ? { bytesPerSecond: whole.bytesPerSecond } : {}),
  };
}

/** All kinds that understand the limit. */
const limitedTo = (limit: Partial<FaultRequest>): FaultRequest[] =>
  FAULT_KINDS.map((kind) => ({ ...worst(kind), ...limit })).filter(
    (fault) => objectionTo(fault) === undefined,
  );

/** Logs in, asks, writes to the contact and gets an ack, is written to, asks again for what it cannot read, and exchanges files. */
async function live(): Promise<void> {
  await session.client.end();
  session.client = await opened(stage.client(session.client.auth, CONFIG));
  const { socket } = session.client;
  expect(await socket.onWhatsApp(contact)).toHaveLength(1);
  const text = `text ${String(Math.random())}`;
  const waId = (await socket.sendMessage(jid(contact), { text }))?.key.id;
  const ack = await session.client.waitFor('the ack', () =>
    session.client.acks.find(({ attrs }) => attrs.id === waId),
  );
  expect(ack.attrs.error).toBeUndefined();
  const [seen] = await stage.control.messages.waitFor({ to: contact, text });
  expect(seen?.arrival).toBe(1);
  await stage.control.sendTo(session.number, { from: contact, text: `no ${text}`, corrupt: true });
  await received(session.client, `no ${text}`);
  expect(await upload(stage, session.number, 5000)).toBe(200);
  const file = { name: 'a'.repeat(43), bytes: Buffer.alloc(5000, 5), session: session.number };
  const { directPath } = stage.simulator.world.media.store(file);
  expect(await fetchPath(stage, directPath)).toEqual({ status: 200, length: 5000 });
}

const kindsOf = (faults: { kind: FaultKind }[]): FaultKind[] => faults.map(({ kind }) => kind);

/** Adds them all, and lives on; none of them may have bitten. */
async function spared(faults: FaultRequest[]): Promise<void> {
  for (const fault of faults) await stage.control.addFault(fault);
  await live();
  const standing = await stage.control.faults();
  expect(kindsOf(standing)).toEqual(kindsOf(faults));
  expect(standing.filter(({ uses }) => uses > 0)).toEqual([]);
}

test('a fault that is limited to a session spares the others, whatever its kind', async () => {
  const faults = limitedTo({ session: '4915559999998' });
  // Before the handshake nobody knows who is calling.
  const nameless = FAULT_KINDS.filter((kind) => !kindsOf(faults).includes(kind));
  expect(nameless).toEqual([
    ...['refuse_connection', 'refuse_upgrade', 'reset_upgrade', 'hang_upgrade', 'hang_handshake'],
  ]);
  await spared(faults);
});

test('a fault that is limited to a recipient spares the others, whatever its kind', async () => {
  const faults = limitedTo({ recipient: await stage.contact() });
  const messageFaults = ['drop_ack', 'delay_ack', 'refuse_message', 'corrupt_message', 'drop_retry'];
  expect(kindsOf(faults)).toEqual(messageFaults);
  await spared(faults);
});

test('a fault that is limited to a kind of query spares the others', async () => {
  const faults = limitedTo({ xmlns: 'no:such:thing' });
  expect(kindsOf(faults)).toEqual(['drop_query', 'delay_query', 'refuse_query']);
  await spared(faults);
});

test('a fault of any kind is over when its time is up', async () => {
  const faults = limitedTo({ durationMs: 1 });
  expect(kindsOf(faults)).toEqual([...FAULT_KINDS]);
  for (const fault of faults) await stage.control.addFault(fault);
  await eventually('the end of all faults', async () => (await stage.control.faults()).length === 0);
  const address = stage.simulator.url.replace('ws:', 'http:');
  await eventually('an open port', () =>
    fetch(address).then(
      () => true,
      () => false,
    ),
  );
  await live();
});

test.each(['refuse_message', 'delay_ack', 'corrupt_message', 'drop_retry'] as const)(
  '%s bites the session and the recipient that it is for, as often as it was told',
  async (kind) => {
    const { id } = await stage.control.addFault({
      ...{ kind, session: session.number, recipient: contact, count: 1, durationMs: FOREVER_MS },
      ...(kind === 'delay_ack' ? { delayMs: FOREVER_MS } : {}),
    });
    await session.client.socket.sendMessage(jid(contact), { text: 'bitten' });
    if (kind === 'drop_retry') {
      await stage.control.sendTo(session.number, { from: contact, text: 'lost', corrupt: true });
    }
    await eventually('a spent fault', async () =>
      (await stage.control.faults()).every((standing) => standing.id !== id),
    );
    await live();
  },
);
