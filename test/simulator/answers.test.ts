/**
 * Every route answers as the OpenAPI document says: what a real client and its contacts have made happen is held against
 * the response schemas, as somebody would who has nothing but the document.
 */
import { toDataURL } from 'qrcode';
import { z } from 'zod';
import { OPERATIONS } from '../../gateway/src/simulator/control/operations.js';
import { shownQr } from './support/client.js';
import { jid, openStage, type Stage } from './support/stage.js';

interface Responses {
  [status: string]: { content?: Record<string, { schema: Record<string, unknown> }> };
}
interface Document {
  paths: Record<string, Record<string, { responses: Responses }>>;
}

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let stage: Stage;
let document: Document;
let ada: string;
let bob: string;
const asked = new Set<string>();

beforeAll(async () => {
  stage = await openStage();
  document = (await (
    await fetch(`${stage.simulator.controlUrl}/control/v1/openapi.json`)
  ).json()) as Document;
  bob = await stage.contact();
});
afterAll(() => stage.close());

/** The parts of a path template that stand for the given values, in their order. */
function fill(path: string, values: (string | number)[]): string {
  const rest = [...values];
  return path.replace(/:(\w+)/g, () => encodeURIComponent(String(rest.shift() ?? '')));
}

interface Question {
  in?: (string | number)[];
  query?: string;
  body?: unknown;
  /** A refusal; without it the answer must be a success that the document names. */
  refused?: number;
}

/** Asks, and checks status, type and body of the answer against the document. */
async function ask(operation: string, question: Question = {}): Promise<unknown> {
  const [method = '', path = ''] = operation.split(' ');
  const { responses } =
    document.paths[`/control/v1${path.replace(/:(\w+)/g, '{$1}')}`]?.[method.toLowerCase()] ?? {};
  if (!responses) throw new Error(`${operation} is not in the document`);
  const url = `${stage.simulator.controlUrl}/control/v1${fill(path, question.in ?? [])}${question.query ?? ''}`;
  const body = question.body === undefined ? {} : { body: JSON.stringify(question.body) };
  const answer = await fetch(url, { method, headers: { 'content-type': 'application/json' }, ...body });
  if (question.refused === undefined) asked.add(operation);
  else expect(answer.status).toBe(question.refused);
  const described = question.refused === undefined ? responses[answer.status] : responses.default;
  if (!described) throw new Error(`${operation} answered ${answer.status}: ${await answer.text()}`);
  const text = await answer.text();
  if (!described.content) {
    expect(text).toBe('');
    return undefined;
  }
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  const media = described.content[type] ?? described.content['*/*'];
  if (!media) throw new Error(`${operation} answered with the type ${type}`);
  if (!/json$/.test(type)) return text;
  const parsed: unknown = JSON.parse(text);
  const checked = z.fromJSONSchema(media.schema).safeParse(parsed);
  if (!checked.success)
    throw new Error(`${operation}: ${z.prettifyError(checked.error)}\n${text.slice(0, 500)}`);
  return parsed;
}

const newNumber = (index: number): string => `49155577700${String(index).padStart(2, '0')}`;

test('people, phones and how clients are linked to them', async () => {
  ada = newNumber(1);
  await ask('POST /phones', { body: { number: ada, name: 'Ada' } });
  await ask('POST /phones', { body: { number: ada }, refused: 409 });
  await ask('GET /pairings');
  const shown = stage.client();
  const qr = await shownQr(shown);
  await ask('POST /codes', { body: { qr, label: 'n8n' } });
  await ask('GET /pairings');
  await ask('GET /desk', { query: `?open=${ada}` });
  const picture = (await toDataURL(qr, { margin: 4, scale: 6 })).split(',')[1];
  await ask('POST /phones/:number/scan', { in: [ada], body: { picture } });
  await shown.closed();
  await ask('POST /phones/:number/scan', { in: [ada], body: { qr }, refused: 409 });

  const byCode = stage.client();
  await shownQr(byCode);
  const code = await byCode.socket.requestPairingCode(ada);
  await ask('POST /phones/:number/code', { in: [ada], body: { code: 'WRONG123' }, refused: 422 });
  await ask('POST /phones/:number/code', { in: [ada], body: { code } });
  await byCode.closed();
  await ask('GET /phones');
  await ask('GET /phones/:number', { in: [ada] });
  await ask('DELETE /phones/:number/devices/:device', { in: [ada, 2] });
  await ask('PUT /phones/:number/restrictions', { in: [ada], body: { timelock: null } });

  await ask('POST /contacts', { body: { number: newNumber(2) } });
  await ask('POST /contacts', { body: [{ number: newNumber(3) }, { number: newNumber(4), companions: 1 }] });
  await ask('POST /contacts', { body: {}, refused: 400 });
  await ask('GET /contacts');
  await ask('GET /contacts/:number', { in: [newNumber(4)] });
  await ask('PATCH /contacts/:number/policy', { in: [newNumber(2)], body: { read: true } });
  await ask('POST /contacts/:number/companions', { in: [newNumber(2)] });
  await ask('DELETE /contacts/:number/companions/:device', { in: [newNumber(2), 1] });
  await ask('POST /contacts/:number/reinstall', { in: [newNumber(2)], body: {} });
  await ask('PUT /accounts/:number/online', { in: [newNumber(2)], body: { online: true } });
  await ask('DELETE /contacts/:number', { in: [newNumber(3)] });
  await ask('GET /contacts/:number', { in: [newNumber(3)], refused: 404 });
});

test('what is written and seen, in chats and groups, with files, receipts, calls and presence', async () => {
  const { client, number } = await stage.session();
  const image = {
    kind: 'media' as const,
    media: 'image' as const,
    base64: PIXEL,
    mimetype: 'image/png',
    caption: 'look',
  };
  const incoming = [
    { from: bob, text: 'hi' },
    { from: bob, content: image },
    { from: bob, content: { kind: 'location', latitude: 52.5, longitude: 13.4, name: 'here' } },
    { from: bob, content: { kind: 'poll', question: 'Tea?', options: ['yes', 'no'] } },
  ];
  const written = await ask('POST /phones/:number/messages', { in: [number], body: incoming });
  const [firstId = '', imageId = ''] = (written as { waIds: string[] }).waIds;
  await stage.control.deliveries.waitFor({ to: number, acknowledged: true }, { count: incoming.length });
  await ask('POST /messages', { body: [{ from: bob, to: number, text: 'one of many' }] });
  await ask('POST /messages', { body: [{ from: bob, to: '4915550009998', text: 'x' }], refused: 404 });
  await ask('POST /phones/:number/typed', { in: [number], body: { to: bob, text: 'typed' } });
  const sent = await client.socket.sendMessage(jid(bob), { text: 'answer' });
  const media = await client.socket.sendMessage(jid(bob), {
    location: { degreesLatitude: 1, degreesLongitude: 2 },
  });
  await ask('GET /messages', {
    query: `?to=${bob}&waId=${media?.key.id ?? ''}&waitForCount=1&timeoutMs=10000`,
  });
  await ask('GET /messages', { query: '?waId=NEVER&waitForCount=1&timeoutMs=1' });
  await ask('GET /messages/:to/:waId/media', { in: [bob, media?.key.id ?? ''], refused: 404 });
  await ask('POST /receipts', { body: { from: bob, to: number, waIds: [sent?.key.id ?? ''], type: 'read' } });
  await client.socket.readMessages([{ remoteJid: jid(bob), id: firstId }]);
  await ask('GET /receipts', { query: `?from=${number}&type=read&waitForCount=1&timeoutMs=10000` });
  await ask('GET /deliveries', { query: `?to=${number}` });

  await stage.control.sendTo(bob, {
    from: number,
    content: image,
    waId: 'TYPEDPICTURE',
  });
  await ask('GET /messages/:to/:waId/media', { in: [bob, 'TYPEDPICTURE'] });
  await ask('GET /accounts/:number/files/:waId', { in: [bob, imageId] });
  await ask('POST /messages/:to/:waId/media/expire', { in: [bob, 'TYPEDPICTURE'], body: {} });
  await ask('GET /messages/:to/:waId/media', { in: [bob, 'TYPEDPICTURE'], refused: 409 });

  const members = [number, newNumber(4)];
  const group = await ask('POST /groups', { body: { subject: 'G', creator: bob, members } });
  const { id, inviteCode } = group as { id: string; inviteCode: string };
  await ask('GET /groups/:id', { in: [id] });
  await ask('PUT /groups/:id/subject', { in: [id], body: { actor: bob, subject: 'H' } });
  await ask('PUT /groups/:id/subject', {
    in: [id],
    body: { actor: newNumber(2), subject: 'H' },
    refused: 409,
  });
  const change = { actor: bob, action: 'promote', members: [number] };
  await ask('POST /groups/:id/members', { in: [id], body: change });
  await ask('PATCH /groups/:id/settings', { in: [id], body: { actor: bob, approvesJoining: true } });
  const joining = { number: await stage.contact(), code: inviteCode };
  expect(await ask('POST /groups/joins', { body: joining })).toEqual({ state: 'requested' });
  await ask('POST /groups/joins', { body: { number: bob, code: 'nobodysLink' }, refused: 409 });
  await ask('POST /groups/:id/messages', { in: [id], body: { from: bob, text: 'to all' } });
  await ask('POST /contacts/:number/presence', { in: [bob], body: { to: number, type: 'composing' } });
  await client.socket.sendPresenceUpdate('composing', jid(bob));
  await ask('GET /presences', { query: `?from=${number}&waitForCount=1&timeoutMs=10000` });
  const call = await ask('POST /phones/:number/calls', { in: [number], body: { from: bob } });
  const { callId } = call as { callId: string };
  await client.socket.rejectCall(callId, jid(bob));
  await ask('GET /calls', { query: `?callId=${callId}&waitForCount=1&timeoutMs=10000` });

  await ask('GET /desk', { query: `?open=${bob}/${number}&open=${number}/${id}` });
  await ask('POST /accounts/:number/read', { in: [bob], body: { chat: number } });
  await ask('GET /desk', { query: `?open=${bob}/${number}&open=4915550009999&search=b` });
});

test('connections, faults, errors, and the simulator itself', async () => {
  const limits = { count: 3, durationMs: 60_000 };
  const fault = await ask('POST /faults', { body: { kind: 'delay_ack', delayMs: 5, ...limits } });
  await ask('POST /faults', { body: { kind: 'drop_query', xmlns: 'w:nothing' } });
  await ask('POST /faults', { body: { kind: 'latency' }, refused: 400 });
  await ask('GET /faults');
  await ask('DELETE /faults/:id', { in: [(fault as { id: string }).id] });
  await ask('DELETE /faults/:id', { in: ['fault-99'], refused: 404 });
  await ask('DELETE /faults');

  const { client, number } = await stage.session();
  await client.socket.sendMessage(jid(bob), { text: 'so that there is something to repeat' });
  await client.socket
    .query({ tag: 'iq', attrs: { to: 's.whatsapp.net', type: 'get', xmlns: 'never:heard' } })
    .catch(() => undefined);
  await ask('GET /errors', {
    query: `?kind=unanswered_query&session=${number}&waitForCount=1&timeoutMs=10000`,
  });
  await ask('GET /connections', { query: `?session=${number}` });
  await ask('POST /connections/drop', { body: { session: number } });
  await ask('GET /server');
  await ask('GET /metrics');
  await ask('GET /openapi.json');
  await ask('DELETE /records');
});

test('no route was left out', () => {
  expect(Object.keys(OPERATIONS).filter((operation) => !asked.has(operation))).toEqual([]);
});

test('a field that the document does not know is noticed', () => {
  const responses = document.paths['/control/v1/metrics']?.get?.responses;
  const schema = responses?.['200']?.content?.['application/json']?.schema ?? {};
  expect(
    z.fromJSONSchema(schema).safeParse({ ...stage.simulator.world.metrics.read(), more: 1 }).success,
  ).toBe(false);
});
