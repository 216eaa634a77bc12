/**
 * What people and businesses show of themselves: pictures, the profile of a business, and what there is none of.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WAMessageStubType, type WAMessage } from '@whiskeysockets/baileys';
import sharp from 'sharp';
import { eventually } from '../support/eventually.js';
import { opened, received, type TestClient } from './support/client.js';
import { jid, openStage, type Stage } from './support/stage.js';

let stage: Stage;
let number: string;
let client: TestClient;
let other: { number: string; client: TestClient };
let png: Buffer;
beforeAll(async () => {
  stage = await openStage();
  ({ number, client } = await stage.session());
  other = await stage.session();
  png = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();
});
afterAll(async () => {
  expect(await stage.control.errors.list()).toEqual([]);
  await stage.close();
});

function fetchPicture(url: string | undefined): Promise<{ status: number; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    get(url ?? '', { ca: stage.simulator.mediaCaPem }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(chunks) }));
    }).on('error', reject);
  });
}

test('a picture is served to everybody, who are told, until it is taken away', async () => {
  await other.client.socket.sendMessage(jid(number), { text: 'we know each other' });
  await received(client, 'we know each other');
  const news: string[] = [];
  other.client.socket.ev.on('contacts.update', (updates) => {
    for (const { id, imgUrl } of updates) if (imgUrl) news.push(`${id ?? ''} ${imgUrl}`);
  });
  const told = (what: string): Promise<unknown> =>
    eventually(what, () => news.includes(`${jid(number)} ${what}`));
  await expect(other.client.socket.profilePictureUrl(jid(number))).rejects.toMatchObject({ data: 404 });
  await client.socket.updateProfilePicture(jid(number), png);
  await told('changed');
  const shown = await fetchPicture(await other.client.socket.profilePictureUrl(jid(number), 'image'));
  expect(shown.status).toBe(200);
  expect(await sharp(shown.bytes).metadata()).toMatchObject({ format: 'jpeg' });
  await client.socket.removeProfilePicture(jid(number));
  await told('removed');
  await expect(other.client.socket.profilePictureUrl(jid(number))).rejects.toMatchObject({ data: 404 });
  expect(news).toHaveLength(2);
});

test('a group has a picture, which those who may not change it cannot change', async () => {
  const { id } = await client.socket.groupCreate('Readers', [jid(other.number)]);
  await client.socket.updateProfilePicture(id, png);
  const isChange = ({ key, messageStubType }: WAMessage): boolean =>
    key.remoteJid === id && messageStubType === WAMessageStubType.GROUP_CHANGE_ICON;
  await other.client.waitFor('the new picture', () => other.client.messages.find(isChange));
  expect((await fetchPicture(await other.client.socket.profilePictureUrl(id))).status).toBe(200);
  await client.socket.groupSettingUpdate(id, 'locked');
  await expect(other.client.socket.updateProfilePicture(id, png)).rejects.toMatchObject({ data: 403 });
  await expect(other.client.socket.removeProfilePicture(jid(number))).rejects.toMatchObject({ data: 403 });
  await client.socket.removeProfilePicture(id);
  await expect(client.socket.profilePictureUrl(id)).rejects.toMatchObject({ data: 404 });
});

test('a business writes its own profile, piece by piece', async () => {
  const websites = ['https://books.example'];
  await client.socket.updateBussinesProfile({ description: 'Books', email: 'a@b.example', websites });
  const days = [
    { day: 'mon', mode: 'specific_hours', openTimeInMinutes: '540', closeTimeInMinutes: '1020' },
  ] as const;
  await client.socket.updateBussinesProfile({
    address: 'Main Street 1',
    hours: { timezone: 'Europe/Berlin', days: [...days] },
  });
  expect(await other.client.socket.getBusinessProfile(jid(number))).toMatchObject({
    description: 'Books',
    email: 'a@b.example',
    website: websites,
    address: 'Main Street 1',
    business_hours: {
      timezone: 'Europe/Berlin',
      business_config: [{ day_of_week: 'mon', open_time: '540', close_time: '1020' }],
    },
  });
});

test('what nobody has here is answered so: products, collections, orders, bots', async () => {
  const { socket } = client;
  expect(await socket.getCatalog({ jid: jid(other.number) })).toMatchObject({ products: [] });
  expect(await socket.getCollections(jid(other.number))).toEqual({ collections: [] });
  await expect(socket.getOrderDetails('1', 'AA==')).rejects.toMatchObject({ data: 404 });
  expect(await socket.getBotListV2()).toEqual([]);
});

test('a call can be given a link', async () => {
  expect(await client.socket.createCallLink('audio')).toMatch(/^\w{22}$/);
  expect(await stage.control.calls.list({ from: number })).toEqual([]);
});

test('pictures and profiles are there after a restart', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-profiles-'));
  const first = await openStage({ stateDir });
  const ada = await first.session();
  await ada.client.socket.updateProfilePicture(jid(ada.number), png);
  await ada.client.socket.updateBussinesProfile({ description: 'Books' });
  const url = await ada.client.socket.profilePictureUrl(jid(ada.number));
  await first.close();
  const second = await openStage({ stateDir });
  const again = await opened(second.client(ada.client.auth));
  expect(await again.socket.profilePictureUrl(jid(ada.number))).toBe(url);
  const { world } = second.simulator;
  expect(world.media.find(new URL(url ?? '').pathname)?.length).toBeGreaterThan(0);
  expect(await again.socket.getBusinessProfile(jid(ada.number))).toMatchObject({ description: 'Books' });
  await second.close();
  await rm(stateDir, { recursive: true });
});
