/**
 * Chromium for a test file: pages at the size of a desk or of a phone. Any error on a page's console fails the test.
 */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const PLACES = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

function executable(): string {
  const found = PLACES.find((path) => path !== '' && existsSync(path));
  if (found !== undefined) return found;
  throw new Error('There is no Chromium. On Debian: apt-get install chromium; or name one in CHROMIUM.');
}

export const SIZES = { desk: { width: 1200, height: 800 }, phone: { width: 390, height: 780 } } as const;

export interface View {
  size?: keyof typeof SIZES;
  scheme?: 'light' | 'dark';
}

export interface TestBrowser {
  open: (url: string, view?: View) => Promise<Page>;
}

/** Starts it before the tests of a file and ends it after them. */
export function useBrowser(): TestBrowser {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    // Chromium's own sandbox needs rights that containers do not have; the pages are ours.
    browser = await chromium.launch({ executablePath: executable(), args: ['--no-sandbox'] });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(faults.splice(0)).toEqual([]);
  });
  afterAll(() => browser.close());

  return {
    async open(url, { size = 'desk', scheme = 'light' } = {}) {
      const context = await browser.newContext({
        viewport: SIZES[size],
        colorScheme: scheme,
        hasTouch: size === 'phone',
        locale: 'en-GB',
      });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        // What the network says is looked at below: a refused call can be what a test is about.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load'))
          faults.push(message.text());
      });
      page.on('response', (response) => {
        const { pathname } = new URL(response.url());
        const isApi = pathname.startsWith('/control/') || pathname.startsWith('/v1/');
        if (response.status() >= 400 && !isApi) faults.push(`${String(response.status())} ${pathname}`);
      });
      await page.goto(url);
      return page;
    },
  };
}
