/**
 * The gateway's dashboard in a real browser, by what an operator sees and does.
 */
import { eventually } from '../support/eventually.js';
import type { Page } from 'playwright-core';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { pair, useWorld } from '../support/world.js';
import { useBrowser, type View } from './support/browser.js';
import { lowContrast, namelessControls } from './support/onPage.js';

const world = useWorld();
const browser = useBrowser();
const ADMIN_KEY = 'slk_live_test-admin-key-with-enough-characters';
const PHONE = '4915550022001';
const BOB = '4915550022002';
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'shop', number: PHONE });
});

async function signIn(view: View = {}): Promise<Page> {
  const page = await browser.open(`${gateway.url}/`, view);
  await page.getByLabel('API key').fill(ADMIN_KEY);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('heading', { name: 'Sessions' }).waitFor();
  return page;
}

const part = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Parts' }).getByRole('link', { name }).click();

test('a wrong key is refused in words, the right one is kept in the tab until it is forgotten', async () => {
  const page = await browser.open(`${gateway.url}/`);
  await page.getByLabel('API key').fill('slk_live_wrong-key-that-nobody-has-made');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('alert').filter({ hasText: /key/i }).waitFor();
  await page.getByLabel('API key').fill(ADMIN_KEY);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('heading', { name: 'shop' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'shop' }).waitFor();
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
  await page.getByRole('button', { name: 'Forget the key' }).click();
  await page.getByLabel('API key').waitFor();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test('a session is created, linked by the QR code on the page, held and deleted', async () => {
  const page = await signIn();
  await page.getByRole('button', { name: 'New session' }).click();
  const form = page.getByRole('dialog', { name: 'New session' });
  await form.getByLabel('Id').fill('made');
  await form.getByRole('button', { name: 'Create' }).click();
  const dialog = page.getByRole('dialog', { name: 'Link made' });
  const source = await dialog.getByRole('img', { name: /QR code \d to link made/ }).getAttribute('src');
  const number = '4915550022009';
  await world.phone().createPhone({ number, name: 'Ada' });
  // The simulated phone scans the very picture that is on the page.
  await world.phone().scanPicture(number, String(source).split(',')[1] ?? '');
  await dialog.waitFor({ state: 'detached' });
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'made' }) });
  await card.getByText('connected', { exact: true }).waitFor();
  await card.getByText(`+${number}`).waitFor();
  await card.getByRole('button', { name: 'Pause sending' }).click();
  await card.getByText('0 messages wait, paused').waitFor();
  await card.getByRole('button', { name: 'Limits' }).click();
  await page.getByRole('dialog', { name: 'Limits of made' }).getByText('nextSendAt').waitFor();
  await page.keyboard.press('Escape');
  await card.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Delete' }).getByRole('button', { name: 'Delete' }).click();
  await card.waitFor({ state: 'detached' });
});

test('a pairing code can be had instead of the QR code', async () => {
  const page = await signIn();
  const number = '4915550022010';
  await world.phone().createPhone({ number, name: 'Eve' });
  await gateway.ask('POST', '/v1/sessions', { id: 'coded' });
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'coded' }) });
  await card.getByRole('button', { name: 'Show QR code' }).click();
  await page.getByRole('dialog', { name: 'Link coded', exact: true }).getByRole('img').waitFor();
  await page.getByRole('button', { name: 'Type a code instead' }).click();
  await page.getByLabel('Number of the phone').fill(number);
  await page.getByRole('button', { name: 'Get a code' }).click();
  const code = await page
    .getByRole('dialog', { name: 'Type this on the phone' })
    .locator('.code')
    .textContent();
  await world.phone().enterCode(number, String(code));
  await card.getByText('connected', { exact: true }).waitFor();
});

test('messages appear by themselves, with their timeline and why they wait', async () => {
  const page = await signIn();
  await part(page, 'Messages');
  const send = (text: string): Promise<unknown> =>
    gateway.ask('POST', '/v1/messages?wait=delivered', { sessionId: 'shop', to: BOB, text });
  await send('first');
  const row = page.getByRole('row').filter({ hasText: 'delivered' }).first();
  await row.getByRole('button', { name: 'Details' }).click();
  const timeline = page.getByRole('dialog').getByRole('listitem');
  expect(await timeline.allTextContents()).toEqual([
    expect.stringContaining('queued'),
    expect.stringContaining('sending'),
    expect.stringContaining('sent'),
    expect.stringContaining('delivered'),
  ]);
  await page.keyboard.press('Escape');
  await gateway.ask('POST', '/v1/sessions/shop/pause');
  await gateway.ask('POST', '/v1/messages', { sessionId: 'shop', to: BOB, text: 'held' });
  await page.getByLabel('Status').selectOption('queued');
  await page.getByRole('row').filter({ hasText: 'queued' }).filter({ hasText: BOB }).waitFor();
  await part(page, 'Sessions');
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'shop' }) });
  await card.getByText('1 message waits, paused').waitFor();
  await card.getByText('the queue is paused until it is resumed').waitFor();
  await gateway.ask('POST', '/v1/sessions/shop/resume');
});

test('a webhook is made, tested, and each attempt can be looked at', async () => {
  const receiver = await world.receiver();
  const page = await signIn();
  await part(page, 'Webhooks');
  await page.getByRole('button', { name: 'New webhook' }).click();
  await page.getByLabel('URL').fill(receiver.url);
  await page.getByLabel('Events').fill('session.qr');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('dialog', { name: 'Its secret' }).getByText('whsec_').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  const row = page.getByRole('row').filter({ hasText: receiver.url });
  await row.getByText('enabled').waitFor();
  await row.getByRole('button', { name: 'Disable' }).click();
  await row.getByText('disabled').waitFor();
  await row.getByRole('button', { name: 'Enable' }).click();
  await row.getByText('enabled').waitFor();
  await gateway.ask('POST', '/v1/sessions', { id: 'asks' });
  await gateway.ask('GET', '/v1/sessions/asks/qr?waitSeconds=20');
  const { data } = await gateway.ask<{ data: { id: string }[] }>('GET', '/v1/webhooks');
  // The dialog shows what there is when it opens.
  await eventually('an attempt', async () => {
    const path = `/v1/webhooks/${data.at(-1)?.id ?? ''}/deliveries`;
    const tried = await gateway.ask<{ data: { attemptCount: number }[] }>('GET', path);
    return tried.data.some(({ attemptCount }) => attemptCount > 0);
  });
  await row.getByRole('button', { name: 'Deliveries' }).click();
  const delivery = page.getByRole('dialog', { name: 'Deliveries' }).getByText('session.qr').first();
  await delivery.click();
  await page
    .getByText(/HTTP \d+ after \d+ ms/)
    .first()
    .waitFor();
});

test('events appear as they happen', async () => {
  const page = await signIn();
  await part(page, 'Events');
  await page.getByText('Waiting for events').waitFor();
  await world.phone().sendTo(PHONE, { from: BOB, text: 'live' });
  await page
    .getByRole('row')
    .filter({ hasText: 'message.received' })
    .getByRole('button', { name: 'Show' })
    .click();
  await page.getByRole('dialog', { name: 'message.received' }).getByText('"live"').waitFor();
});

test.each([
  ['desk', 'light'],
  ['desk', 'dark'],
  ['phone', 'light'],
] as const)('every part can be read and named (%s, %s)', async (size, scheme) => {
  const page = await signIn({ size, scheme });
  for (const name of ['Sessions', 'Messages', 'Webhooks', 'Events']) {
    await part(page, name);
    await page.getByRole('heading', { name }).waitFor();
    expect(await page.evaluate(lowContrast)).toEqual([]);
    expect(await page.evaluate(namelessControls)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  }
});
