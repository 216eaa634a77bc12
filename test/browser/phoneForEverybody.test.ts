/**
 * The page of simulated phones for everybody: by keyboard, by screen reader, in light and dark, on a small screen, and
 * when the simulator goes away.
 */
import { useWorld } from '../support/world.js';
import { useBrowser } from './support/browser.js';
import { lowContrast, namelessControls } from './support/onPage.js';
import { bubble, phoneOf } from './support/phones.js';

const world = useWorld();
const browser = useBrowser();
const ADA = '4915550021001';
const BOB = '4915550021002';
const pageUrl = (...open: string[]): string => `${world.simulator().controlUrl}/phone/#${open.join(';')}`;

beforeAll(async () => {
  await world.phone().createPhone({ number: ADA, name: 'Ada' });
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await world.phone().sendTo(ADA, { from: BOB, text: 'Hello' });
});

test('it works by keyboard alone', async () => {
  const page = await browser.open(pageUrl(ADA));
  const ada = phoneOf(page, 'Ada');
  const chat = ada.getByRole('button', { name: /^Bob/ });
  await chat.focus();
  await page.keyboard.press('Enter');
  await ada.getByRole('textbox', { name: 'Message to Bob' }).focus();
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Enter');
  await bubble(ada, 'By keyboard').waitFor();
  await bubble(ada, 'By keyboard').getByRole('button', { name: 'Reply, react and more' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Message' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('every control has a name', async () => {
  const page = await browser.open(pageUrl(`${ADA}/${BOB}`, BOB));
  await bubble(phoneOf(page, 'Ada'), 'By keyboard').waitFor();
  expect(await page.evaluate(namelessControls)).toEqual([]);
});

test.each(['light', 'dark'] as const)('text has enough contrast (%s)', async (scheme) => {
  const page = await browser.open(pageUrl(`${ADA}/${BOB}`, BOB), { scheme });
  await bubble(phoneOf(page, 'Ada'), 'By keyboard').waitFor();
  expect(await page.evaluate(lowContrast)).toEqual([]);
});

test('a small screen shows one phone at a time, without scrolling sideways', async () => {
  const page = await browser.open(pageUrl(`${ADA}/${BOB}`, `${BOB}/${ADA}`), { size: 'phone' });
  await phoneOf(page, 'Ada').waitFor();
  expect(await phoneOf(page, 'Bob').isVisible()).toBe(false);
  await page.getByRole('navigation', { name: 'Phones' }).getByRole('button', { name: /Bob/ }).click();
  await phoneOf(page, 'Bob').waitFor();
  expect(await phoneOf(page, 'Ada').isVisible()).toBe(false);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});

test('it says that it is a simulation, and finds its way back when the simulator was away', async () => {
  const page = await browser.open(pageUrl(ADA));
  expect(await page.getByText('Simulation.').isVisible()).toBe(true);
  expect(await page.getByText('Not affiliated with WhatsApp or Meta').isVisible()).toBe(true);
  await page.route('**/desk?**', (route) => route.abort());
  await world.phone().sendTo(ADA, { from: BOB, text: 'Wakes the page' });
  await page.getByText('The simulator does not answer').waitFor();
  await page.unroute('**/desk?**');
  await page.getByText('The simulator does not answer').waitFor({ state: 'detached' });
});
