/**
 * The baseline: the Baileys client with its own multi-file auth state, as its documentation shows it, in a loop.
 * A process of its own: prints one JSON line per command read from standard input.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
for (const method of ['log', 'info', 'warn', 'error']) console[method] = () => undefined;

const { default: makeWASocket, useMultiFileAuthState } = await import('@whiskeysockets/baileys');
const silent = { level: 'silent', child: () => silent };
for (const level of ['trace', 'debug', 'info', 'warn', 'error']) silent[level] = () => undefined;

const folder = mkdtempSync(join(tmpdir(), 'raw-baileys-'));
const { state, saveCreds } = await useMultiFileAuthState(folder);
let client;

function connect() {
  client = makeWASocket({ auth: state, logger: silent, waWebSocketUrl: process.argv[2] });
  client.ev.on('creds.update', saveCreds);
  client.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
    if (qr) write({ qr });
    if (connection === 'open') write({ open: true });
    if (connection === 'close' && lastDisconnect?.error?.output?.statusCode === 515) connect();
  });
}
connect();

for await (const line of createInterface({ input: process.stdin })) {
  const { send, texts, end } = JSON.parse(line);
  if (end) break;
  for (const text of texts) await client.sendMessage(`${send}@s.whatsapp.net`, { text });
  write({ sent: texts.length });
}
rmSync(folder, { recursive: true, force: true });
process.exit(0);
