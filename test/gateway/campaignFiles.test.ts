/**
 * Campaigns with a file, with the real client: one for all, uploaded to WhatsApp once, or another for each recipient, whose
 * link has their values in it.
 */
import sharp from 'sharp';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess, Json } from '../support/gatewayProcess.js';
import { pair, useWorld } from '../support/world.js';
import type { WebhookReceiver } from '../support/webhookReceiver.js';

const world = useWorld();
const PHONE = '4915550026001';
const PEOPLE = ['4915550026002', '4915550026003', '4915550026004', '4915550026005'];
const [ANN = '', BOB = '', CARL = '', DORA = ''] = PEOPLE;
let gateway: GatewayProcess;
let files: WebhookReceiver;

interface CampaignJson {
  id: string;
  status: string;
  failures: Record<string, number>;
  rejected: { row: number; code: string; message: string }[];
}

beforeAll(async () => {
  gateway = await world.start();
  files = await world.receiver();
  for (const number of PEOPLE) await world.phone().createContact({ number, name: number });
  await pair(gateway, world.phone(), { id: 'files', number: PHONE });
});

const picture = (): Promise<Buffer> =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: '#06c' } })
    .png()
    .toBuffer();
const create = (body: Json) =>
  gateway.ask<CampaignJson>('POST', '/v1/campaigns', { name: 'c', sessionIds: ['files'], ...body });
const completed = (id: string) =>
  eventually('the campaign to be through', async () => {
    const now = await gateway.ask<CampaignJson>('GET', `/v1/campaigns/${id}`);
    return now.status === 'completed' && now;
  });
const imageFor = async (to: string): Promise<Record<string, unknown>> => {
  const [seen] = await world.phone().messages.waitFor({ to, device: 0 });
  return seen?.message.imageMessage as Record<string, unknown>;
};

test('a link with values: everybody gets a file of their own, and one that is missing costs that person alone', async () => {
  const png = await picture();
  files.always((request) =>
    request.path.startsWith('/gone.png')
      ? { status: 404 }
      : { status: 200, body: png, headers: { 'content-type': 'image/png' } },
  );
  const base = `http://127.0.0.1:${String(files.port)}`;
  const made = await create({
    message: { type: 'image', image: { link: `${base}/{{file}}.png?for={{name}}`, caption: 'For {{name}}' } },
    recipients: [
      { to: ANN, variables: { file: 'a', name: 'Ann & Co' } },
      { to: BOB, variables: { file: 'b', name: 'Bob' } },
      { to: CARL, variables: { file: 'gone', name: 'Carl' } },
      { to: DORA, variables: { name: 'Dora' } },
    ],
  });
  expect(made.rejected).toMatchObject([{ row: 4, code: 'variable_missing' }]);
  expect((await completed(made.id)).failures).toEqual({ media_unreachable: 1, variable_missing: 1 });
  expect(files.requests.map(({ path }) => path).sort()).toEqual([
    '/a.png?for=Ann%20%26%20Co',
    '/b.png?for=Bob',
    '/gone.png?for=Carl',
  ]);
  expect(await imageFor(ANN)).toMatchObject({ caption: 'For Ann & Co' });
  expect(await imageFor(BOB)).toMatchObject({ caption: 'For Bob' });
  expect(await world.phone().messages.list({ to: CARL })).toEqual([]);
});

test('a link that is a value from its beginning, and values that are no address', async () => {
  await world.phone().clearRecords();
  const base = `http://127.0.0.1:${String(files.port)}`;
  const made = await create({
    message: { type: 'image', image: { link: '{{ticket}}' } },
    recipients: [
      { to: ANN, variables: { ticket: `${base}/t/1.png?a=b&c=d` } },
      { to: BOB, variables: { ticket: 'file:///etc/passwd' } },
      { to: CARL, variables: { ticket: 'nonsense' } },
      { to: DORA, variables: { ticket: 'http://169.254.169.254/latest' } },
    ],
  });
  expect(made.rejected).toMatchObject([
    { row: 2, code: 'invalid_request', message: 'With its values the link is no http or https address.' },
    { row: 3, code: 'invalid_request' },
  ]);
  expect((await completed(made.id)).failures).toEqual({ invalid_request: 2, target_not_allowed: 1 });
  expect(files.requests.at(-1)?.path).toBe('/t/1.png?a=b&c=d');
  await imageFor(ANN);
});

test('one file for all is fetched once and uploaded to WhatsApp once', async () => {
  await world.phone().clearRecords();
  const before = files.requests.length;
  const link = `http://127.0.0.1:${String(files.port)}/all.png`;
  const recipients = PEOPLE.map((to) => ({ to, variables: { name: to } }));
  const made = await create({ message: { type: 'image', image: { link, caption: '{{name}}' } }, recipients });
  await completed(made.id);
  expect(files.requests.length - before).toBe(1);
  const images = await Promise.all(PEOPLE.map(imageFor));
  expect(images.map(({ caption }) => caption)).toEqual(PEOPLE);
  expect(new Set(images.map(({ directPath }) => directPath)).size).toBe(1);
});
