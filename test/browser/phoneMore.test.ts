/**
 * What else people do on the page of simulated phones, with the real gateway beside it: groups, polls, contacts, calls.
 */
import type { Locator } from 'playwright-core';
import { pairClient } from '../simulator/support/client.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { connected, eventsOf, useWorld, type MessageJson } from '../support/world.js';
import { useBrowser } from './support/browser.js';
import { bubble, phoneOf } from './support/phones.js';

const world = useWorld();
const browser = useBrowser();
const ADA = '4915550022001';
const BOB = '4915550022002';
const CLEO = '4915550022003';
let gateway: GatewayProcess;

const pageUrl = (...open: string[]): string => `${world.simulator().controlUrl}/phone/#${open.join(';')}`;

beforeAll(async () => {
  gateway = await world.start();
  await world.phone().createPhone({ number: ADA, name: 'Ada' });
  await world.phone().createContacts([
    { number: BOB, name: 'Bob' },
    { number: CLEO, name: 'Cleo' },
  ]);
  await gateway.ask('POST', '/v1/sessions', { id: 'shop', policy: { preset: 'unpaced' } });
  const { qr } = await gateway.ask<{ qr: string }>('GET', '/v1/sessions/shop/qr?waitSeconds=30');
  await world.phone().scan(ADA, qr);
  await connected(gateway, 'shop');
});

test('a poll, a contact and a voice message are sent from the page', async () => {
  const page = await browser.open(pageUrl(`${BOB}/${ADA}`, `${ADA}/${BOB}`));
  const [bob, ada] = [phoneOf(page, 'Bob'), phoneOf(page, 'Ada')];
  const attach = async (what: string): Promise<Locator> => {
    await bob.getByRole('button', { name: 'Attach' }).click();
    await page.getByRole('dialog', { name: 'Attach' }).getByRole('button', { name: what }).click();
    return page.getByRole('dialog', { name: `Send a ${what.toLowerCase()}` });
  };
  const poll = await attach('Poll');
  await poll.getByLabel('Question').fill('Which day?');
  await poll.getByLabel('Options').fill('Monday\nMonday');
  await poll.getByRole('button', { name: 'Send' }).click();
  await poll.getByRole('alert').filter({ hasText: '2 to 12 different options' }).waitFor();
  await poll.getByLabel('Options').fill('Monday\nTuesday');
  await poll.getByLabel('More than one').check();
  await poll.getByRole('button', { name: 'Send' }).click();
  await bubble(ada, 'Which day?').getByText('Choose one or more').waitFor();
  const contact = await attach('Contact');
  await contact.getByLabel('Name').fill('Zoe');
  await contact.getByLabel('Number').fill('+49 1555 0020077');
  await contact.getByRole('button', { name: 'Send' }).click();
  await bubble(ada, 'Zoe').waitFor();
  await bob.getByRole('button', { name: 'Attach' }).click();
  await page
    .getByLabel('File to send')
    .setInputFiles({ name: 'hm.ogg', mimeType: 'audio/ogg', buffer: Buffer.from('OggS not really') });
  await page.getByLabel('As a voice message').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  await bob.getByLabel('Audio message').waitFor();
  const events = await eventsOf(gateway, { sessionId: 'shop', type: 'message.received', count: 3 });
  expect(events.map(({ data }) => data.kind)).toEqual(expect.arrayContaining(['poll', 'contacts', 'audio']));
});

test('a poll of the gateway in a group: its members vote on their phones, change their mind, and n8n hears of it', async () => {
  const { id } = await world.phone().createGroup({ subject: 'Lunch', creator: BOB, members: [ADA, CLEO] });
  const page = await browser.open(pageUrl(`${ADA}/${id}`, `${BOB}/${id}`));
  const [ada, bob] = [phoneOf(page, 'Ada'), phoneOf(page, 'Bob')];
  await gateway.ask<MessageJson>('POST', '/v1/messages?wait=sent', {
    ...{ sessionId: 'shop', to: id, type: 'poll' },
    poll: { question: 'Soup?', options: ['Yes please', 'No thanks'] },
  });
  const [poll, own] = [bubble(bob, 'Soup?'), bubble(ada, 'Soup?')];
  await poll.getByText('Choose one').waitFor();
  await poll.getByRole('button', { name: 'Yes please' }).click();
  await poll.getByRole('button', { name: 'No thanks' }).click();
  await poll.getByRole('button', { name: /No thanks 1 voted/, pressed: true }).waitFor();
  await own.getByText('Bob').waitFor();
  await own.getByRole('button', { name: /No thanks/ }).click();
  await poll.getByText('You, Ada').or(poll.getByText('Ada, You')).waitFor();
  await own.getByRole('button', { name: /No thanks/, pressed: true }).click();
  await poll.getByRole('button', { name: /No thanks 1 voted/ }).waitFor();
  const events = await eventsOf(gateway, { sessionId: 'shop', type: 'poll.vote', count: 2 });
  expect(events[1]?.data).toMatchObject({ selectedOptions: ['No thanks'], from: { phone: BOB } });
});

test('an admin of a group adds, promotes and removes, anybody renames it and leaves', async () => {
  const { id } = await world.phone().createGroup({ subject: 'Choir', creator: BOB, members: [ADA] });
  const page = await browser.open(pageUrl(`${BOB}/${id}`, `${ADA}/${id}`));
  const [bob, ada] = [phoneOf(page, 'Bob'), phoneOf(page, 'Ada')];
  const members = async (phone: Locator): Promise<Locator> => {
    await phone.getByRole('button', { name: 'Members' }).click();
    return page.getByRole('dialog');
  };
  expect(await (await members(ada)).getByRole('button', { name: 'Remove' }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await (await members(bob)).getByRole('button', { name: 'Add somebody' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /Cleo/ }).click();
  await bob.getByText('Bob, Ada, Cleo').or(bob.getByText('You, Ada, Cleo')).waitFor();
  const row = (name: string): Locator =>
    page.getByRole('dialog').getByRole('listitem').filter({ hasText: name });
  await members(bob);
  await row('Cleo').getByRole('button', { name: 'Make admin' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const { members: inGroup } = await world.phone().group(id);
  expect(inGroup).toContainEqual({ number: CLEO, role: 'admin' });
  await members(bob);
  await row('Cleo').getByRole('button', { name: 'Remove' }).click();
  await bob.getByText('You, Ada', { exact: true }).waitFor();
  await (await members(ada)).getByRole('button', { name: 'Rename' }).click();
  await page.getByLabel('Subject').fill('Quartet');
  await page.getByRole('button', { name: 'Save' }).click();
  await bob.getByRole('heading', { name: 'Quartet' }).waitFor();
  await (await members(ada)).getByRole('button', { name: 'Leave the group' }).click();
  await bob.getByText('You', { exact: true }).waitFor();
  const events = await eventsOf(gateway, { sessionId: 'shop', type: 'group.updated', count: 3 });
  expect(events.length).toBeGreaterThanOrEqual(3);
});

test('@ and a name mentions somebody in a group, and everybody sees who is typing', async () => {
  const { id } = await world.phone().createGroup({ subject: 'Mentions', creator: BOB, members: [ADA] });
  const page = await browser.open(pageUrl(`${BOB}/${id}`, `${ADA}/${id}`));
  const [bob, ada] = [phoneOf(page, 'Bob'), phoneOf(page, 'Ada')];
  await bob.getByRole('textbox').pressSequentially('@Ada are you there?');
  await ada.getByText('Bob is typing …').waitFor();
  await bob.getByRole('textbox').press('Enter');
  await bubble(ada, '@Ada are you there?').waitFor();
  const deliveries = await world.phone().deliveries.list({ to: ADA });
  const delivery = deliveries.findLast(({ chat }) => chat === id);
  expect(delivery?.text).toMatch(/^@\d{15} are you there\?$/);
});

test('a call rings on the linked gateway until the caller hangs up', async () => {
  const page = await browser.open(pageUrl(`${BOB}/${ADA}`));
  const bob = phoneOf(page, 'Bob');
  await bob.getByRole('button', { name: 'Call' }).click();
  const dialog = page.getByRole('dialog', { name: 'Calling Ada' });
  await dialog.getByText('Ringing').waitFor();
  const [event] = await eventsOf(gateway, { sessionId: 'shop', type: 'call.received' });
  expect(event?.data).toMatchObject({ from: { phone: BOB } });
  await dialog.getByRole('button', { name: 'Hang up' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('a call that a linked client declines says so on the page, and nothing is left to hang up', async () => {
  const dan = '4915550022004';
  await world.phone().createPhone({ number: dan, name: 'Dan' });
  const { url } = world.simulator();
  const client = await pairClient({ url, control: world.phone(), number: dan });
  client.socket.ev.on('call', ([call]) => {
    if (call?.status === 'offer') void client.socket.rejectCall(call.id, call.from);
  });
  const page = await browser.open(pageUrl(`${BOB}/${dan}`));
  await phoneOf(page, 'Bob').getByRole('button', { name: 'Call' }).click();
  const dialog = page.getByRole('dialog', { name: 'Calling Dan' });
  await dialog.getByText('Declined.').waitFor();
  await dialog.getByRole('button', { name: 'Hang up' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await world.phone().calls.list({ from: dan })).toMatchObject([{ event: 'reject' }]);
  await client.end();
});
