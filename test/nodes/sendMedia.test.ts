/**
 * Send Media: link, uploaded file and file from n8n, in memory and as a stream; kinds; what is wrong with them.
 */
import { Readable } from 'node:stream';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { INodeExecutionData } from 'n8n-workflow';

import { runNode, type NodeRun } from './support/engine';
import { accepted, gateway, problem, resetGateway } from './support/gateway';

const BYTES = Buffer.from([0x25, 0x50, 0x44, 0x46, 0, 1, 2, 255]);
const file = (more: Record<string, unknown> = {}): INodeExecutionData => ({
  json: { to: '+4915112345678', name: 'Ann' },
  binary: {
    data: { mimeType: 'application/pdf', fileName: 'offer.pdf', data: BYTES.toString('base64'), ...more },
  },
});
const media = { body: { id: 'med_7', mimeType: 'application/pdf', sizeBytes: BYTES.length, sha256: 'x' } };

const send = (
  more: Record<string, unknown>,
  input: INodeExecutionData[] = [file()],
  onError?: 'continueRegularOutput',
): Promise<NodeRun> =>
  runNode(
    'sendMedia',
    { parameters: { to: '={{ $json.to }}', ...(more as Record<string, string>) }, onError },
    input,
  );

beforeEach(resetGateway);

it('sends an image by link, with caption and quote', async () => {
  const calls = gateway({ 'POST /v1/messages': accepted({ type: 'image' }) });
  const { items } = await send({
    mediaKind: 'image',
    source: 'link',
    link: '=https://example.com/{{ $json.name }}.jpg',
    caption: '=For {{ $json.name }}',
    options: { replyTo: '3EB0', viewOnce: true },
  });
  expect(calls[0]?.body).toEqual({
    to: '+4915112345678',
    type: 'image',
    image: { link: 'https://example.com/Ann.jpg', caption: 'For Ann', viewOnce: true },
    context: { messageId: '3EB0' },
  });
  expect(items[0]?.json.id).toBe('msg_1');
});

it('uploads a file that n8n holds in memory, byte by byte, and sends it', async () => {
  const calls = gateway({ 'POST /v1/media': media, 'POST /v1/messages': accepted() });
  const { error } = await send({ source: 'binary', binaryProperty: 'data' });
  expect(error).toBeUndefined();
  expect(Buffer.from(calls[0]?.body as unknown as string, 'hex')).toEqual(BYTES);
  expect(calls[0]?.headers['content-type']).toBe('application/pdf');
  expect(calls[1]?.body).toMatchObject({
    type: 'document',
    document: { id: 'med_7', filename: 'offer.pdf' },
  });
});

it('uploads a file that n8n holds on disk as a stream', async () => {
  const service = Container.get(BinaryDataService);
  const stored = jest
    .spyOn(service, 'getAsStream')
    .mockImplementation(async () => await Promise.resolve(Readable.from([BYTES])));
  const calls = gateway({
    'POST /v1/media': [problem('queue_full', 503, { retryAfterSeconds: 0 }), media],
    'POST /v1/messages': accepted(),
  });
  const { error } = await send({}, [file({ id: 'filesystem-v2:some/file', data: 'filesystem-v2' })]);
  expect(error).toBeUndefined();
  expect(stored).toHaveBeenCalledTimes(2);
  expect(Buffer.from(calls[1]?.body as unknown as string, 'hex')).toEqual(BYTES);
  stored.mockRestore();
});

it.each([
  ['voice', 'audio', { id: 'med_7', voice: true }],
  ['audio', 'audio', { id: 'med_7' }],
  ['video', 'video', { id: 'med_7', gif: true }],
  ['document', 'document', { id: 'med_7', filename: 'a.bin' }],
  ['sticker', 'sticker', { id: 'med_7' }],
  ['media', 'media', { id: 'med_7', filename: 'a.bin' }],
])('kind %s becomes type %s', async (mediaKind, type, member) => {
  const calls = gateway({ 'POST /v1/messages': accepted() });
  const options = { gif: true, filename: 'a.bin' };
  await send({ mediaKind, source: 'id', mediaId: 'med_7', options });
  expect(calls[0]?.body).toEqual({ to: '+4915112345678', type, [type]: member });
});

it.each([
  [{ source: 'link', link: '={{ "example.com/x.jpg" }}' }, 'beginning with https://'],
  [{ source: 'link', link: '={{ "" }}' }, '"Link" is empty'],
  [{ source: 'id', mediaId: '={{ "" }}' }, '"Media ID" is empty'],
  [{ source: 'binary', binaryProperty: 'photo' }, "binary field 'photo'"],
])('%j fails before any call', async (parameters, words) => {
  const calls = gateway({});
  const { error } = await send(parameters);
  expect(error?.message).toContain(words);
  expect(error?.context?.itemIndex).toBe(0);
  expect(calls).toHaveLength(0);
});

it.each([
  ['media_too_large', 413],
  ['unsupported_media', 415],
  ['forbidden', 403],
])('shows %s of the upload and sends nothing', async (code, status) => {
  const calls = gateway({ 'POST /v1/media': problem(code, status), 'POST /v1/messages': accepted() });
  expect((await send({})).error?.message).toContain(`Title of ${code}`);
  expect(calls).toHaveLength(1);
});

it('goes on after a bad file and links the outputs', async () => {
  gateway({ 'POST /v1/media': [problem('media_too_large', 413), media], 'POST /v1/messages': accepted() });
  const { items } = await send({}, [file(), file()], 'continueRegularOutput');
  expect(items.map(({ json, pairedItem }) => [json.code ?? json.id, pairedItem])).toEqual([
    ['media_too_large', { item: 0 }],
    ['msg_1', { item: 1 }],
  ]);
});

it('sends many files in one batch', async () => {
  const calls = gateway({
    'POST /v1/media': media,
    'POST /v1/messages/batch': { status: 202, body: { accepted: 2, rejected: [], ids: ['msg_a', 'msg_b'] } },
  });
  const { items } = await send({ sendInBatches: true, mediaKind: 'document' }, [file(), file()]);
  expect(calls.map(({ path }) => path)).toEqual(['/v1/media', '/v1/media', '/v1/messages/batch']);
  expect(items.map(({ json }) => json.id)).toEqual(['msg_a', 'msg_b']);
});

it.each([
  ['image/png', 'image'],
  ['image/webp', 'document'],
  ['video/mp4', 'video'],
  ['audio/ogg', 'audio'],
  ['text/csv', 'document'],
])('detects %s as %s by what the gateway has found in the file', async (mimeType, type) => {
  const calls = gateway({
    'POST /v1/media': { body: { id: 'med_7', mimeType } },
    'POST /v1/messages': accepted(),
  });
  await send({});
  expect(calls[1]?.body.type).toBe(type);
});

it('"Retry On Fail" uploads once and repeats the same message under the same key', async () => {
  let uploads = 0;
  const calls = gateway({
    'POST /v1/media': () => ({ body: { id: `med_${++uploads}`, mimeType: 'image/png' } }),
    'POST /v1/messages': [problem('internal', 500), accepted()],
  });
  const parameters = { to: '+4915112345678' };
  const retrying = { parameters, retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
  const { error } = await runNode('sendMedia', retrying, [file()]);
  expect(error).toBeUndefined();
  expect(calls.map(({ path }) => path)).toEqual(['/v1/media', '/v1/messages', '/v1/messages']);
  expect(calls[2]?.body).toEqual(calls[1]?.body);
  expect(calls[2]?.headers['idempotency-key']).toBe(calls[1]?.headers['idempotency-key']);
});
