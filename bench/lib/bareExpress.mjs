/**
 * The least that accepts a message durably: an Express route with one insert into SQLite, which syncs each commit.
 * A process of its own: `bareExpress.mjs <folder>`; prints its port.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import express from 'express';
import Database from 'libsql';

const database = new Database(join(process.argv[2], 'bare.db'));
for (const pragma of ['journal_mode = WAL', 'synchronous = FULL']) database.pragma(pragma);
database.exec(
  'create table messages (id text primary key, recipient text not null, content text not null) strict',
);
const insert = database.prepare('insert into messages values (?, ?, ?)');

const app = express();
app.use(express.json());
app.post('/v1/messages', (request, response) => {
  const id = randomUUID();
  insert.run(id, request.body.to, JSON.stringify(request.body.text));
  response.status(202).json({ id, status: 'queued' });
});
const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
