/**
 * A simulator with a state folder can be stopped and started again without anybody noticing.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BufferJSON, normalizeMessageContent, type WAMessage } from '@whiskeysockets/baileys';
import { createSimulatorClient } from '../../gateway/src/simulator/client.js';
import { createKeptFiles } from '../../gateway/src/simulator/media/keptFiles.js';
import type { Desk } from '../../gateway/src/simulator/phone/desk.js';
import { createSimulator } from '../../gateway/src/simulator/simulator.js';
import { connectClient, opened, received, type TestClient } from './support/client.js';
import { jid, openStage } from './support/stage.js';

const run = promisify(execFile);

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

test('groups are after a restart as they were set, and people still wait to come in', async () => {
  const stage = await openStage({ stateDir });
  const [bob, eve, ann] = [await stage.contact(), await stage.contact(), await stage.contact()];
  const { id, inviteCode } = await stage.control.createGroup({
    subject: 'Set',
    creator: bob,
    members: [eve],
  });
  const settings = { isLocked: true, approvesJoining: true, ephemeralSeconds: 604_800, description: 'Kept' };
  await stage.control.setGroup(id, { actor: bob, ...settings });
  await stage.control.joinGroup({ number: ann, code: inviteCode });
  const before = await stage.control.group(id);
  expect(before).toMatchObject({ ...settings, requests: [ann] });
  await stage.close();
  const second = await createSimulator({ stateDir });
  expect(await createSimulatorClient(second.controlUrl).group(id)).toEqual(before);
  await second.stop();
});

/** What an application does with a message that has a file, in a process that trusts the media host. */
async function download(message: WAMessage, caPem: string): Promise<string> {
  const caFile = join(stateDir, 'ca.pem');
  await writeFile(caFile, caPem);
  const program = `
    import { BufferJSON, downloadMediaMessage } from '@whiskeysockets/baileys';
    for (const method of ['log', 'info', 'warn', 'error']) console[method] = () => undefined;
    const bytes = await downloadMediaMessage(JSON.parse(process.argv[1], BufferJSON.reviver), 'buffer', {});
    process.stdout.write(bytes.toString('base64'));`;
  const encoded = JSON.stringify(message, BufferJSON.replacer);
  const args = ['--input-type=module', '-e', program, encoded];
  const { stdout } = await run(process.execPath, args, { env: { NODE_EXTRA_CA_CERTS: caFile } });
  return stdout;
}

test('conversations and their files are still there after a restart, with ticks, up to what was expired', async () => {
  const stage = await openStage({ stateDir });
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  const picture = (name: string) => ({
    kind: 'media' as const,
    media: 'document' as const,
    base64: Buffer.from(`the file ${name}`).toString('base64'),
    mimetype: 'text/plain',
    caption: name,
  });
  const withCaption = (from: TestClient, caption: string): Promise<WAMessage> =>
    from.waitFor(caption, () =>
      from.messages.find(
        ({ message }) => normalizeMessageContent(message)?.documentMessage?.caption === caption,
      ),
    );
  const keptId = await stage.control.sendTo(number, { from: contact, content: picture('kept') });
  const goneId = await stage.control.sendTo(number, { from: contact, content: picture('gone') });
  const kept = await withCaption(client, 'kept');
  const gone = await withCaption(client, 'gone');
  const sent = await client.socket.sendMessage(jid(contact), { text: 'seen by Bob' });
  await stage.control.messages.waitFor({ to: contact, text: 'seen by Bob' });
  await stage.control.read(contact, number);
  await stage.control.deliveries.waitFor({ to: number, acknowledged: true }, { count: 2 });
  await stage.control.expireMedia(number, goneId, { phoneHasIt: false });
  await client.end();
  await stage.control.sendTo(number, { from: contact, content: picture('waits') });
  await stage.close();

  const second = await createSimulator({ stateDir });
  const control = createSimulatorClient(second.controlUrl);
  const [seen] = await control.messages.list({ to: contact });
  expect(seen).toMatchObject({ waId: sent?.key.id, text: 'seen by Bob', displayed: true, arrival: 1 });
  expect((await control.mediaOf(number, keptId)).bytes.toString()).toBe('the file kept');
  expect(Buffer.from(await download(kept, second.mediaCaPem), 'base64').toString()).toBe('the file kept');
  await expect(download(gone, second.mediaCaPem)).rejects.toThrow(/410|Gone/);
  const again = await opened(connectClient(second.url, client.auth));
  const waited = await withCaption(again, 'waits');
  expect(Buffer.from(await download(waited, second.mediaCaPem), 'base64').toString()).toBe('the file waits');
  const looked = await fetch(`${second.controlUrl}/control/v1/desk?open=${contact}/${number}`);
  const { screens } = (await looked.json()) as Desk;
  expect(screens[0]?.open?.messages.map(({ content, tick }) => [content.text, tick])).toEqual([
    ['kept', expect.any(String)],
    ['gone', expect.any(String)],
    ['seen by Bob', null],
    ['waits', expect.any(String)],
  ]);
  expect(screens[0]?.chats[0]?.unread).toBe(0);
  await control.clearRecords();
  await again.end();
  await second.stop();

  const third = await createSimulator({ stateDir });
  expect(await createSimulatorClient(third.controlUrl).messages.list()).toEqual([]);
  await third.stop();
});

test('what a kill has cut off at the end of the records is left out, a spoilt line is refused', async () => {
  const stage = await openStage({ stateDir });
  const [ada, bob] = [await stage.phone(), await stage.contact()];
  await stage.control.sendTo(ada, { from: bob, text: 'whole' });
  await stage.close();
  const path = join(stateDir, 'records.jsonl');
  const whole = await readFile(path, 'utf8');
  await writeFile(path, `${whole}["messages",{"waId":"CUT`);
  const second = await createSimulator({ stateDir });
  const texts = (await createSimulatorClient(second.controlUrl).messages.list()).map(({ text }) => text);
  expect(texts).toEqual(['whole']);
  await second.stop();
  await writeFile(path, `["messages",{"waId":"CUT\n${whole}`);
  await expect(createSimulator({ stateDir })).rejects.toThrow(SyntaxError);
});

test('of the files only as much is kept as fits', () => {
  const name = (index: number): string => `file-${String(index).padStart(16, '0')}`;
  const files = createKeptFiles(stateDir);
  files.write(name(0), Buffer.alloc(17 * 1024 * 1024));
  for (let index = 1; index <= 9; index++) files.write(name(index), Buffer.alloc(15 * 1024 * 1024));
  files.write('../outside-of-the-folder', Buffer.from('x'));
  const names = createKeptFiles(stateDir)
    .readAll()
    .map(({ name: kept }) => kept);
  expect(names).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map(name));
});

test('a folder without state is an empty simulator, a broken file is refused', async () => {
  const first = await createSimulator({ stateDir: join(stateDir, 'new') });
  expect(await createSimulatorClient(first.controlUrl).phones()).toEqual([]);
  await first.stop();
  await writeFile(join(stateDir, 'simulator.json'), 'no json');
  await expect(createSimulator({ stateDir })).rejects.toThrow(SyntaxError);
});
