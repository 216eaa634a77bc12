/**
 * The page of simulated phones in a real browser, by what a person sees and does, with the real gateway beside it.
 */
import type { Locator } from 'playwright-core';
import { toBuffer as toQrPicture } from 'qrcode';
import sharp from 'sharp';
import { showCodes } from '../../gateway/src/demo/codes.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { connected, eventsOf, useWorld, type MessageJson } from '../support/world.js';
import { useBrowser } from './support/browser.js';
import { bubble, phoneOf, write } from './support/phones.js';

const world = useWorld();
const browser = useBrowser();
const ADA = '4915550020001';
const BOB = '4915550020002';
const ADMIN_KEY = 'slk_live_test-admin-key-with-enough-characters';
let gateway: GatewayProcess;
const ending = new AbortController();

const pageUrl = (...open: string[]): string => `${world.simulator().controlUrl}/phone/#${open.join(';')}`;

beforeAll(async () => {
  gateway = await world.start();
  await world.phone().createPhone({ number: ADA, name: 'Ada' });
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  void showCodes({ url: gateway.url, adminKey: ADMIN_KEY }, world.phone(), ending.signal);
});
afterAll(() => {
  ending.abort();
});

test('one click links a session whose code is in sight, and a conversation goes both ways', async () => {
  const page = await browser.open(pageUrl(`${ADA}/${BOB}`, `${BOB}/${ADA}`));
  const [ada, bob] = [phoneOf(page, 'Ada'), phoneOf(page, 'Bob')];
  await ada.getByText('not linked').waitFor();
  await gateway.ask('POST', '/v1/sessions', { id: 'shop', policy: { preset: 'unpaced' } });
  await ada.getByText('Session “shop” wants to be linked.').waitFor();
  expect(await bob.getByText('wants to be linked').count()).toBe(0);
  await ada.getByRole('button', { name: 'Scan' }).click();
  await connected(gateway, 'shop');
  await ada.getByText('linked', { exact: false }).first().waitFor();
  await ada.getByText('wants to be linked').waitFor({ state: 'detached' });

  await write(bob, 'Is the *shop* open?');
  const [event] = await eventsOf(gateway, { sessionId: 'shop', type: 'message.received' });
  expect(event?.data).toMatchObject({ text: 'Is the *shop* open?', from: { phone: BOB } });
  // Ada's chat is open on the page, so she has read it.
  await bubble(bob, 'Is the shop open?').getByRole('img', { name: 'read' }).waitFor();

  const sent = await gateway.ask<MessageJson>('POST', '/v1/messages?wait=read&timeoutSeconds=20', {
    sessionId: 'shop',
    to: BOB,
    text: 'Until six',
  });
  expect(sent.status).toBe('read');
  await bubble(bob, 'Until six').waitFor();
  const own = bubble(ada, 'Until six');
  await own.getByRole('img', { name: 'read' }).waitFor();
  await own.getByRole('img', { name: 'Sent by a linked device' }).waitFor();
});

test('ticks turn one by one when a chat is not open', async () => {
  const page = await browser.open(pageUrl(`${ADA}/${BOB}`, BOB));
  const [ada, bob] = [phoneOf(page, 'Ada'), phoneOf(page, 'Bob')];
  await gateway.ask('POST', '/v1/messages?wait=delivered', {
    sessionId: 'shop',
    to: BOB,
    text: 'Tick by tick',
  });
  await bubble(ada, 'Tick by tick').getByRole('img', { name: 'delivered' }).waitFor();
  const chat = bob.getByRole('button', { name: /Ada.*Tick by tick.*1 unread/ });
  await chat.click();
  await bubble(ada, 'Tick by tick').getByRole('img', { name: 'read' }).waitFor();
  await bob.getByRole('button', { name: 'Back to the chats' }).click();
  await bob.getByRole('button', { name: /Tick by tick/ }).waitFor();
  expect(await bob.getByText('unread').count()).toBe(0);
});

test('typing is shown on both sides', async () => {
  const page = await browser.open(pageUrl(`${ADA}/${BOB}`, `${BOB}/${ADA}`));
  const [ada, bob] = [phoneOf(page, 'Ada'), phoneOf(page, 'Bob')];
  await bob.getByRole('textbox').pressSequentially('Hm');
  await ada.getByText('typing …').waitFor();
  await ada.getByRole('textbox').pressSequentially('What');
  await bob.getByText('typing …').waitFor();
  await ada.getByRole('textbox').press('Enter');
  await bob.getByText('typing …').waitFor({ state: 'detached' });
});

test('a picture that is pasted arrives at the gateway’s webhook side as a picture', async () => {
  const page = await browser.open(pageUrl(`${BOB}/${ADA}`));
  const bob = phoneOf(page, 'Bob');
  const base64 = (
    await sharp({ create: { width: 320, height: 200, channels: 3, background: 'teal' } })
      .png()
      .toBuffer()
  ).toString('base64');
  await bob.getByRole('textbox').evaluate((field, data) => {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], 'sea.png', { type: 'image/png' }));
    field.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }),
    );
  }, base64);
  const dialog = page.getByRole('dialog', { name: 'Send a file' });
  await dialog.getByLabel('Caption').fill('The sea');
  await dialog.getByRole('button', { name: 'Send' }).click();
  const picture = bubble(bob, 'The sea').getByRole('img', { name: 'The sea' });
  await picture.waitFor();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('img')].every((image) => image.naturalWidth > 0),
  );
  const events = await eventsOf(gateway, { sessionId: 'shop', type: 'message.received', count: 2 });
  expect(events.at(-1)?.data).toMatchObject({ kind: 'image', text: 'The sea' });
});

test('reactions, answers, edits and deletions by the menu of a message', async () => {
  const page = await browser.open(pageUrl(`${ADA}/${BOB}`, `${BOB}/${ADA}`));
  const [ada, bob] = [phoneOf(page, 'Ada'), phoneOf(page, 'Bob')];
  const menuOf = async (message: Locator): Promise<Locator> => {
    await message.hover();
    await message.getByRole('button', { name: 'Reply, react and more' }).click();
    return page.getByRole('dialog', { name: 'Message' });
  };
  await write(bob, 'Menu me');
  await (await menuOf(bubble(ada, 'Menu me'))).getByRole('button', { name: 'React with 👍' }).click();
  await bubble(bob, 'Menu me').getByRole('img', { name: 'Reactions: Ada 👍' }).waitFor();
  await (await menuOf(bubble(ada, 'Menu me'))).getByRole('button', { name: 'Reply' }).click();
  await write(ada, 'An answer');
  await bubble(bob, 'An answer').getByText('Menu me').waitFor();
  const edit = await menuOf(bubble(bob, 'Menu me').first());
  await edit.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit message' });
  await dialog.getByLabel('Text').fill('Better words');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await bubble(ada, 'Better words').getByText('edited').waitFor();
  await (
    await menuOf(bubble(bob, 'Better words').first())
  )
    .getByRole('button', { name: 'Delete for everyone' })
    .click();
  await bubble(ada, 'This message was deleted').waitFor();
});

test('new people and a group are made on the page', async () => {
  const page = await browser.open(pageUrl(ADA));
  const ada = phoneOf(page, 'Ada');
  await ada.getByRole('button', { name: 'New chat' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'New contact' }).click();
  const form = page.getByRole('dialog', { name: 'New contact' });
  await form.getByLabel('Name').fill('Cleo');
  await form.getByLabel('Number').fill(`+${BOB}`);
  await form.getByRole('button', { name: 'Create' }).click();
  await form.getByRole('alert').filter({ hasText: 'exists already' }).waitFor();
  await form.getByLabel('Number').fill('+49 1555 0020003');
  await form.getByRole('button', { name: 'Create' }).click();
  await ada.getByRole('heading', { name: 'Cleo' }).waitFor();
  await ada.getByRole('button', { name: 'Back to the chats' }).click();
  await ada.getByRole('button', { name: 'New group' }).click();
  const group = page.getByRole('dialog', { name: 'New group' });
  await group.getByLabel('Subject').fill('Market');
  await group.getByRole('checkbox', { name: /Cleo/ }).check();
  await group.getByRole('checkbox', { name: /Bob/ }).check();
  await group.getByRole('button', { name: 'Create' }).click();
  await ada.getByRole('heading', { name: 'Market' }).waitFor();
  await write(ada, 'Hello market');
  await page.getByRole('button', { name: 'Another phone', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: /Cleo/ }).click();
  await phoneOf(page, 'Cleo')
    .getByRole('button', { name: /Market.*Ada: Hello market/ })
    .waitFor();
});

test('a code is scanned from a pasted picture of it, and typed as a pairing code', async () => {
  const number = '4915550020009';
  await world.phone().createPhone({ number, name: 'Eve' });
  const page = await browser.open(pageUrl(number));
  const eve = phoneOf(page, 'Eve');
  await gateway.ask('POST', '/v1/sessions', { id: 'second' });
  const { qr } = await gateway.ask<{ qr: string }>('GET', '/v1/sessions/second/qr?waitSeconds=20');
  const picture = (await toQrPicture(qr, { width: 500 })).toString('base64');
  await eve.getByRole('button', { name: 'Settings of this phone' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Link a device' }).click();
  await page
    .getByLabel('Picture of the QR code')
    .setInputFiles({ name: 'qr.png', mimeType: 'image/png', buffer: Buffer.from(picture, 'base64') });
  await connected(gateway, 'second');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await gateway.ask('POST', '/v1/sessions', { id: 'third' });
  await gateway.ask('GET', '/v1/sessions/third/qr?waitSeconds=20');
  const { code } = await gateway.ask<{ code: string }>('POST', '/v1/sessions/third/pairing-code', {
    phone: number,
  });
  await eve.getByText('waits for its pairing code').waitFor();
  await eve.getByRole('button', { name: 'Type the code' }).click();
  const dialog = page.getByRole('dialog', { name: 'Link a device' });
  await dialog.getByLabel('Or: the code').fill(code);
  await dialog.getByRole('button', { name: 'Link', exact: true }).click();
  await connected(gateway, 'third');
});

test('text from others never becomes markup', async () => {
  const page = await browser.open(pageUrl(`${BOB}/${ADA}`));
  await world.phone().createContact({ number: '4915550020010', name: '<img src=x onerror=alert(1)>' });
  await world.phone().sendTo(BOB, {
    from: '4915550020010',
    text: '<b>bold</b> javascript:alert(1) <script>alert(1)</script>',
  });
  const bob = phoneOf(page, 'Bob');
  await bob.getByRole('button', { name: 'Back to the chats' }).click();
  await bob.getByRole('button', { name: /<img src=x/ }).click();
  await bubble(bob, '<b>bold</b> javascript:alert(1) <script>alert(1)</script>').waitFor();
  expect(await page.locator('script:not([src])').count()).toBe(0);
  expect(await bob.locator('b', { hasText: /^bold$/ }).count()).toBe(0);
});
