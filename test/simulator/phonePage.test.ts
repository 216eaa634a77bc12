/**
 * How the phone page is served. What it does is tested in a browser, in test/browser.
 */
import { openStage, type Stage } from './support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test('the page is served with a strict policy, and to nobody who came by another name', async () => {
  const page = await fetch(`${stage.simulator.controlUrl}/`);
  expect(page.url).toBe(`${stage.simulator.controlUrl}/phone/`);
  const text = await page.text();
  expect(text).toContain('Simulation');
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'/);
  for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect([path, (await fetch(new URL(String(path), page.url))).status]).toEqual([path, 200]);
  }
  const foreign = await fetch(`${stage.simulator.controlUrl}/phone/`, {
    headers: { origin: 'https://evil.example' },
  });
  expect(foreign.status).toBe(403);
  const hotlinked = await fetch(`${stage.simulator.controlUrl}/control/v1/desk`, {
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  });
  expect(hotlinked.status).toBe(403);
});
