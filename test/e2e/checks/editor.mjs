// The editor in a real browser: each node's panel opens without an error, the QR code is a picture in the output pane, and
// each example shows on the canvas. With SLUICE_SCREENSHOTS set to a folder the pictures for docs/ are written there.
// Needs a Chromium (CHROMIUM, or /usr/bin/chromium); without one the group says so and does nothing.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, selectors } from 'playwright-core';
import sharp from 'sharp';
import { repository } from '../lib/install.mjs';
import { SESSION } from '../lib/stage.mjs';
import { byId, chain, example, node, sluice } from '../lib/workflows.mjs';

selectors.setTestIdAttribute('data-test-id');

const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
const SIZE = { width: 1360, height: 820 };
const LIMIT_MS = 90_000;

/** The nodes as the guide shows them. */
const PANELS = {
  'send-message': sluice('Send Message', 'sendMessage', {
    session: byId(SESSION),
    to: '+4915551000001',
    message: '=Hello {{ $json.name }}, your order is on its way.',
    options: { waitFor: 'delivered', reference: 'order 1234' },
  }),
  'send-and-wait': sluice('Ask Colleague', 'sendMessage', {
    operation: 'sendAndWait',
    session: byId(SESSION),
    to: '+4915551000001',
    message: 'May I order it?',
  }),
  'send-media': sluice('Send Media', 'sendMedia', {
    session: byId(SESSION),
    to: '+4915551000001',
    mediaKind: 'image',
    source: 'binary',
    caption: 'The plan for Monday',
  }),
  'incoming-message-trigger': sluice('Incoming Message Trigger', 'incomingMessageTrigger', {
    events: ['message.received'],
    filters: { chatKind: 'direct', textStartsWith: 'order' },
  }),
  'session-qr': sluice('Session QR', 'sessionQr', { operation: 'getQr', session: byId('onboarding') }),
};

/** A small PNG: the editor has few colours. */
async function keep(page, name) {
  const folder = process.env.SLUICE_SCREENSHOTS;
  const picture = await page.screenshot();
  assert.ok(picture.length > 10_000, 'the page is blank');
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  const small = await sharp(picture).png({ palette: true, colours: 64, compressionLevel: 9 }).toBuffer();
  await writeFile(join(folder, `${name}.png`), small);
}

/** A page of the editor, logged in; what the console says is wrong is collected. */
async function openEditor(stage) {
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
  const context = await browser.newContext({ viewport: SIZE });
  const [name, value] = stage.n8n.cookie().split('=');
  await context.addCookies([{ name, value, url: stage.n8n.url }]);
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  return { browser, page };
}

/** Opens the panel of the first node of our own. */
async function openPanel({ stage, page }, own) {
  const run = node('Run', 'n8n-nodes-base.manualTrigger');
  const isTrigger = own.type.endsWith('Trigger');
  const nodes = isTrigger ? [own] : [run, own];
  const workflow = await stage.workflows.create({ name: own.name, nodes, connections: chain(...nodes) });
  await page.goto(`${stage.n8n.url}/workflow/${workflow.id}/${own.id}`);
  await page.getByTestId('node-parameters').first().waitFor();
  await page.getByTestId('node-credentials-select').first().waitFor();
  return workflow;
}

async function panels({ check, stage, page }) {
  for (const [name, own] of Object.entries(PANELS)) {
    await check(`editor: the panel of ${own.name} opens`, async () => {
      await openPanel({ stage, page }, own);
      await keep(page, name);
    });
  }
}

async function qrCode({ check, stage, page }) {
  await check('editor: the QR code is a picture in the output pane, with the hint', async () => {
    await openPanel({ stage, page }, { ...PANELS['session-qr'], id: randomUUID() });
    await page.getByTestId('node-execute-button').first().click();
    await page.getByText('Linked devices').first().waitFor();
    await page.getByText('View', { exact: true }).first().click();
    const picture = page
      .locator('img.binary-data, [data-test-id="ndv-binary-data"] img, img[src*="binary-data"]')
      .first();
    await picture.waitFor();
    const { width } = await picture.boundingBox();
    assert.ok(width > 100, `the picture is ${width} wide`);
    await keep(page, 'session-qr-output');
  });
}

async function canvases({ check, stage, page }) {
  for (const file of (await readdir(join(repository, 'examples'))).sort()) {
    await check(`editor: ${file} shows on the canvas without a problem`, async () => {
      const workflow = await stage.workflows.create(await example(file));
      await page.goto(`${stage.n8n.url}/workflow/${workflow.id}`);
      const last = workflow.nodes.findLast(({ type }) => !type.endsWith('stickyNote'));
      await page.getByText(last.name, { exact: true }).first().waitFor();
      await page.getByTestId('zoom-to-fit').click();
      await keep(page, file.replace('.json', ''));
    });
  }
}

export async function editor({ check, stage }) {
  if (!existsSync(program)) {
    console.log(`no Chromium at ${program}: the editor is not looked at`);
    return;
  }
  const { browser, page } = await openEditor(stage);
  try {
    for (const part of [canvases, panels, qrCode]) await part({ check, stage, page });
  } finally {
    await browser.close();
  }
}
