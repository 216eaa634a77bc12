/**
 * The real client in a process of its own, for `media.test.ts`: pairs, sends one file of each kind, downloads what comes,
 * prints what happened as JSON. Arguments: server, control API, own number, contact, number of files to wait for.
 */
import { downloadMediaMessage, initAuthCreds, makeWASocket } from '@whiskeysockets/baileys';
import { Buffer } from 'node:buffer';
import { pino } from 'pino';

const [url, controlUrl, number, contact, expected] = process.argv.slice(2);
for (const method of ['log', 'info', 'warn', 'error', 'debug']) console[method] = () => undefined;

const store = new Map();
const keys = {
  get: (type, ids) =>
    Object.fromEntries(ids.map((id) => [id, store.get(`${type} ${id}`)]).filter(([, value]) => value)),
  set(data) {
    for (const [type, values] of Object.entries(data)) {
      for (const [id, value] of Object.entries(values)) {
        if (value === null) store.delete(`${type} ${id}`);
        else store.set(`${type} ${id}`, value);
      }
    }
  },
};
const auth = { creds: initAuthCreds(), keys };
const connect = () =>
  makeWASocket({ waWebSocketUrl: url, auth, logger: pino({ level: 'silent' }), markOnlineOnConnect: false });
const until = (socket, check) =>
  new Promise((resolve) => {
    socket.ev.on('connection.update', (update) => {
      const found = check(update);
      if (found) resolve(found);
    });
  });

const first = connect();
const closed = until(first, ({ connection }) => connection === 'close');
const qr = await until(first, (update) => update.qr);
const body = JSON.stringify({ qr });
await globalThis.fetch(`${controlUrl}/control/v1/phones/${number}/scan`, {
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json' },
});
await closed;

const socket = connect();
// rc14 has a way to ask the phone for a file that is gone, but its own download looks for the status where it is not.
const download = (message) =>
  downloadMediaMessage(message, 'buffer', {}).catch(async (error) => {
    if (![404, 410].includes(error.output?.statusCode)) throw error;
    return downloadMediaMessage(await socket.updateMediaMessage(message), 'buffer', {});
  });
const received = [];
let finishReceiving;
const allReceived = new Promise((resolve) => {
  finishReceiving = resolve;
});
if (expected === '0') finishReceiving();
// rc14 leaves the error of a download that breaks off unhandled: its promise never settles, and without this line the
// whole process would end.
process.on('uncaughtException', (error) => {
  received.push({ kind: 'uncaught', error: String(error) });
  if (received.length >= Number(expected)) finishReceiving();
});
socket.ev.on('messages.upsert', async ({ messages }) => {
  for (const message of messages) {
    const kind = Object.keys(message.message ?? {}).find((name) =>
      /^(image|video|audio|document|sticker)Message$/.test(name),
    );
    if (message.key.fromMe || !kind || expected === '0') continue;
    const result = await download(message).then(
      (bytes) => ({ kind, base64: bytes.toString('base64') }),
      (error) => ({ kind, error: String(error) }),
    );
    received.push(result);
    if (received.length >= Number(expected)) finishReceiving();
  }
});
await until(socket, ({ connection }) => connection === 'open');

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const contents = {
  image: { image: png, caption: 'a picture' },
  video: { video: Buffer.alloc(5000, 1), mimetype: 'video/mp4', jpegThumbnail: png.toString('base64') },
  audio: { audio: Buffer.alloc(5000, 2), mimetype: 'audio/mpeg', seconds: 1 },
  document: { document: Buffer.alloc(5000, 3), mimetype: 'application/pdf', fileName: 'a.pdf' },
  sticker: { sticker: png },
};
const sent = [];
for (const [kind, content] of Object.entries(contents)) {
  const result = await socket.sendMessage(`${contact}@s.whatsapp.net`, content).then(
    (message) => ({ kind, waId: message.key.id }),
    (error) => ({ kind, waId: '', error: String(error) }),
  );
  sent.push(result);
}
await allReceived;
process.stdout.write(JSON.stringify({ sent, received }), () => process.exit(0));
