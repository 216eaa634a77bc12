/**
 * Records incoming shapes: the simulated WhatsApp sends each message of `sources.mjs`, the real client decrypts it, and
 * what the gateway's inbox then holds is written into `recorded/`, with the event that came of it. Nothing is written
 * unless every event says what `sources.mjs` demands. `npm run record:shapes`
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { proto } from '@whiskeysockets/baileys';
import { pairSession, startGateway } from '../../bench/lib/gateway.mjs';
import { startSimulator } from '../../bench/lib/simulator.mjs';
import { openDatabase } from '../../gateway/dist/store/database/index.js';
import { decodePlaintext, fromWhatsApp } from '../../gateway/dist/whatsapp/fromWhatsApp.js';
import { SHAPES } from './sources.mjs';

const FOLDER = new URL('./recorded/', import.meta.url);
const SESSION = 'shapes';
const PHONE = '4915550019001';
const BOB = '4915550019002';

/** All that the conversion may know beside the entry; the unit test knows the same. */
const knowledge = (account) => ({
  account,
  ownMessages: false,
  complete: (identity) => identity,
  pollOf: () => null,
});

async function sendAll(simulator) {
  const group = await simulator.phone.createGroup({ subject: 'Shapes', creator: BOB, members: [PHONE] });
  const names = new Map();
  for (const [name, { message, group: inGroup, addressing }] of Object.entries(SHAPES)) {
    const content = { kind: 'raw', message };
    const waId = inGroup
      ? await simulator.phone.sendToGroup(group.id, { from: BOB, content })
      : await simulator.phone.sendTo(PHONE, { from: BOB, content, ...(addressing && { addressing }) });
    names.set(waId, name);
  }
  return names;
}

/** The events of the log by the id of their message, once the last of all has come. */
async function eventsOf(gateway, lastId) {
  const events = new Map();
  let afterSeq = 0;
  while (!events.has(lastId)) {
    const { data } = await gateway.call(
      'GET',
      `/v1/events?sessionId=${SESSION}&afterSeq=${afterSeq}&limit=100&waitSeconds=20`,
    );
    assert.ok(data.length > 0, 'the last event never came');
    for (const event of data) events.set(event.data.messageId, event);
    afterSeq = data.at(-1).seq;
  }
  return events;
}

async function readInbox(dataDir) {
  const database = await openDatabase(`file:${dataDir}/sluice.db`, { onError: console.error });
  const rows = await database.db
    .selectFrom('inbox')
    .select(['kind', 'stanza', 'plaintext', 'received_at'])
    .orderBy('position')
    .execute();
  await database.close();
  return rows.map((row) => ({
    kind: row.kind,
    stanza: JSON.parse(row.stanza),
    plaintext: Buffer.from(row.plaintext),
    receivedAt: row.received_at,
  }));
}

/** Whether all that is demanded is there, arrays member by member. */
const says = (found, demanded) =>
  typeof demanded === 'object' && demanded !== null
    ? typeof found === 'object' &&
      found !== null &&
      Object.entries(demanded).every(([key, value]) => says(found[key], value))
    : isDeepStrictEqual(found, demanded);

function checkEvent(name, event) {
  const { type, data } = SHAPES[name];
  assert.equal(event?.type ?? null, type, name);
  assert.ok(type === null || says(event.data, data), `${name}: ${JSON.stringify(event?.data, null, 2)}`);
}

function shapeOf(entry, account) {
  const converted = fromWhatsApp({ position: 1, sessionId: SESSION, ...entry }, knowledge(account));
  return {
    account,
    stanza: entry.stanza,
    receivedAt: entry.receivedAt,
    plaintext: entry.plaintext.toString('base64'),
    /** The plaintext, for readers. */
    message: proto.Message.toObject(decodePlaintext(entry.plaintext), {
      longs: Number,
      enums: String,
      bytes: String,
    }),
    ...('events' in converted ? { events: converted.events } : { ignored: converted.ignored }),
  };
}

const simulator = await startSimulator();
const gateway = await startGateway(simulator);
await simulator.phone.createContact({ number: BOB, name: 'Bob' });
await pairSession(gateway, simulator, { id: SESSION, number: PHONE });
await gateway.call('PATCH', `/v1/sessions/${SESSION}`, { downloadMedia: false });
const { phone, lid } = await gateway.call('GET', `/v1/sessions/${SESSION}`);
const names = await sendAll(simulator);
// Behind those that become no event.
const last = await simulator.phone.sendTo(PHONE, { from: BOB, text: 'the last' });
const events = await eventsOf(gateway, last);
await gateway.stop({ keepData: true });
const entries = new Map((await readInbox(gateway.dataDir)).map((entry) => [entry.stanza.id, entry]));

const recorded = [...names].map(([waId, name]) => {
  checkEvent(name, events.get(waId));
  return [name, shapeOf(entries.get(waId), { phone, lid })];
});
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);
for (const [name, shape] of recorded)
  writeFileSync(new URL(`${name}.json`, FOLDER), `${JSON.stringify(shape, null, 2)}\n`);
process.stdout.write(`${recorded.length} shapes recorded\n`);
await simulator.stop();
rmSync(gateway.dataDir, { recursive: true, force: true });
process.exit();
