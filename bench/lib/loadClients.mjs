/**
 * Many real Baileys clients in one process, for `bench/simulator.mjs`: pairs them, keeps them connected, sends in all of
 * them at once. Keys are kept in memory, because the simulator is what is measured. One JSON line per command and answer.
 */
import { createInterface } from 'node:readline';

const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
for (const method of ['log', 'info', 'warn', 'error', 'debug']) console[method] = () => undefined;

const { initAuthCreds, makeWASocket } = await import('@whiskeysockets/baileys');
const silent = { level: 'silent', child: () => silent };
for (const level of ['trace', 'debug', 'info', 'warn', 'error']) silent[level] = () => undefined;

const [url, controlUrl] = process.argv.slice(2);
const PAIRING_AT_ONCE = 4;
const clients = [];
const watchers = new Set();

function createKeys() {
  const stores = new Map();
  return {
    get(type, ids) {
      const store = stores.get(type);
      return Object.fromEntries(ids.flatMap((id) => (store?.has(id) ? [[id, store.get(id)]] : [])));
    },
    set(data) {
      for (const [type, values] of Object.entries(data)) {
        if (!stores.has(type)) stores.set(type, new Map());
        const store = stores.get(type);
        for (const [id, value] of Object.entries(values)) {
          if (value === null) store.delete(id);
          else store.set(id, value);
        }
      }
    },
  };
}

/** Connects again whenever the connection ends, as an application does; `opened` is for the first time. */
function startClient(number) {
  const auth = { creds: initAuthCreds(), keys: createKeys() };
  const client = {
    number,
    socket: undefined,
    isOpen: false,
    received: 0,
    scanned: false,
    failure: undefined,
  };
  clients.push(client);
  let settle;
  client.opened = new Promise((resolve) => {
    settle = resolve;
  });
  const connect = () => {
    const socket = makeWASocket({
      waWebSocketUrl: url,
      auth,
      logger: silent,
      markOnlineOnConnect: false,
      emitOwnEvents: false,
      connectTimeoutMs: 120_000,
      defaultQueryTimeoutMs: 120_000,
    });
    client.socket = socket;
    socket.ev.on('messages.upsert', ({ messages }) => {
      client.received += messages.filter(({ message }) => message).length;
      for (const look of [...watchers]) look();
    });
    socket.ev.on('connection.update', (update) => {
      if (update.qr && !client.scanned) {
        client.scanned = true;
        scan(number, update.qr).catch((error) => {
          client.failure = String(error);
          settle();
        });
      }
      if (update.connection === 'open') {
        client.isOpen = true;
        settle();
      }
      if (update.connection === 'close') {
        client.isOpen = false;
        const code = update.lastDisconnect?.error?.output?.statusCode;
        if (code !== 401) setTimeout(connect, code === 515 ? 0 : 500);
      }
    });
  };
  connect();
  return client;
}

async function scan(number, qr) {
  const response = await globalThis.fetch(`${controlUrl}/control/v1/phones/${number}/scan`, {
    method: 'POST',
    body: JSON.stringify({ qr }),
    headers: { 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(await response.text());
}

async function pair(numbers) {
  const rest = [...numbers];
  await Promise.all(
    Array.from({ length: PAIRING_AT_ONCE }, async () => {
      for (let number = rest.shift(); number; number = rest.shift()) await startClient(number).opened;
    }),
  );
  return {
    paired: clients.filter(({ isOpen }) => isOpen).length,
    failures: clients.flatMap(({ failure }) => failure ?? []),
  };
}

/** Every client sends its texts to its own contact, one after another; the clients among themselves at once. */
async function send(targets, texts) {
  await Promise.all(
    clients.map(async ({ number, socket }) => {
      const to = targets[number];
      if (to) for (const text of texts) await socket.sendMessage(`${to}@s.whatsapp.net`, { text });
    }),
  );
  return { sent: clients.length * texts.length };
}

/** Resolves when every client has so many messages more than at the last call. Asking the simulator would be counted as its work. */
let expected;
function untilReceived(more) {
  const wanted = expected.map((count) => count + more);
  expected = wanted;
  return new Promise((resolve) => {
    const look = () => {
      if (clients.some(({ received }, index) => received < wanted[index])) return;
      watchers.delete(look);
      resolve({ received: more });
    };
    watchers.add(look);
    look();
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.pair) write(await pair(command.pair));
  if (command.count) {
    expected = clients.map(({ received }) => received);
    write({ counting: true });
  }
  if (command.received) write(await untilReceived(command.received));
  if (command.send) write(await send(command.send, command.texts));
}
process.exit(0);
