/**
 * The baselines: the Baileys client as its documentation shows it, in a process of its own.
 * `rawBaileys.mjs <WhatsApp url> files|memory <sockets> [<receiver>]`: with its multi-file auth state or keys in memory.
 * Prints one JSON line per event, and obeys one per line of standard input. It also listens: `POST /<socket>` with
 * `{to, text}` sends one message and answers when Baileys has handed it over, which is the least that any gateway does.
 * What comes in is posted to the receiver, if there is one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [waWebSocketUrl, keysIn, count, receiver] = process.argv.slice(2);
const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
for (const method of ['log', 'info', 'warn', 'error']) console[method] = () => undefined;

const {
  default: makeWASocket,
  initAuthCreds,
  useMultiFileAuthState,
} = await import('@whiskeysockets/baileys');
const silent = { level: 'silent', child: () => silent };
for (const level of ['trace', 'debug', 'info', 'warn', 'error']) silent[level] = () => undefined;

const folder = mkdtempSync(join(tmpdir(), 'raw-baileys-'));

function inMemory() {
  const values = new Map();
  const keys = {
    get: (type, ids) =>
      Object.fromEntries(
        ids.map((id) => [id, values.get(`${type}:${id}`)]).filter(([, value]) => value !== undefined),
      ),
    set(data) {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value) values.set(`${type}:${id}`, value);
          else values.delete(`${type}:${id}`);
        }
      }
    },
  };
  return { state: { creds: initAuthCreds(), keys }, saveCreds: () => undefined };
}

const clients = [];

/** The handler that everybody writes first. */
async function forward({ messages }) {
  for (const message of messages) {
    if (message.key.fromMe || !message.message) continue;
    const response = await fetch(receiver, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
    });
    await response.text();
  }
}

async function open(index) {
  const { state, saveCreds } =
    keysIn === 'memory' ? inMemory() : await useMultiFileAuthState(join(folder, String(index)));
  const connect = () => {
    const client = makeWASocket({ auth: state, logger: silent, waWebSocketUrl });
    clients[index] = client;
    client.ev.on('creds.update', saveCreds);
    if (receiver) client.ev.on('messages.upsert', forward);
    client.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
      if (qr) write({ qr, index });
      if (connection === 'open') write({ open: index });
      if (connection === 'close' && lastDisconnect?.error?.output?.statusCode === 515) connect();
    });
  };
  connect();
}

const send = (index, to, text) => clients[index].sendMessage(`${to}@s.whatsapp.net`, { text });

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const { to, text } = JSON.parse(Buffer.concat(chunks).toString());
    const sent = await send(Number(request.url.slice(1)), to, text);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: sent.key.id }));
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
write({ port: server.address().port });
for (let index = 0; index < Number(count); index += 1) await open(index);

for await (const line of createInterface({ input: process.stdin })) {
  const { to, texts } = JSON.parse(line);
  // Each socket sends its texts one after the other, all sockets at the same time.
  await Promise.all(
    texts.map(async (own, index) => {
      for (const text of own) await send(index, to[index], text);
    }),
  );
  write({ sent: true });
}
rmSync(folder, { recursive: true, force: true });
process.exit(0);
