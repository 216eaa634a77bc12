/**
 * Incoming Message Trigger: media of messages, downloaded on request.
 */
import nock from 'nock';

import { BASE_URL } from './support/credentials';
import { gateway, problem, resetGateway } from './support/gateway';
import { received } from './support/hooks';
import { deliver, registered } from './support/trigger';

beforeEach(resetGateway);

describe('a message with media', () => {
  const media = {
    id: 'med_1',
    url: 'http://x',
    mimeType: 'image/png',
    filename: 'cat.png',
    sizeBytes: 4,
    caption: 'A cat',
    error: null,
  };
  const withMedia = received('evt_m', { kind: 'image', text: null, media });
  const options = { options: { downloadMedia: true, binaryProperty: 'file' } };

  const expressions = { options: { downloadMedia: '={{ true }}', binaryProperty: '={{ "file" }}' } };
  it.each([options, expressions])('downloads it on request: %j', async (parameters) => {
    nock(BASE_URL)
      .get('/v1/media/med_1')
      .reply(200, Buffer.from([1, 2, 3, 4]), { 'content-type': 'image/png' });
    const run = await deliver(registered(parameters), 'evt_m', withMedia);
    const item = run.result.workflowData?.[0]?.[0];
    expect(item?.json).toMatchObject({ text: 'A cat', media: { id: 'med_1', filename: 'cat.png' } });
    expect(item?.binary?.file).toMatchObject({
      mimeType: 'image/png',
      fileName: 'cat.png',
      data: 'AQIDBA==',
    });
  });

  it('leaves it alone otherwise', async () => {
    const run = await deliver(registered(), 'evt_m', withMedia);
    expect(run.result.workflowData?.[0]?.[0]?.binary).toBeUndefined();
  });

  it('waits for a file that the gateway is still fetching', async () => {
    const notReady = problem('media_not_ready', 503, { retryAfterSeconds: 0 });
    const calls = gateway({
      'GET /v1/media/med_1': [notReady, { body: 'bytes', headers: { 'content-type': 'image/png' } }],
    });
    const run = await deliver(registered(options), 'evt_m', withMedia);
    expect(calls).toHaveLength(2);
    expect(run.result.workflowData?.[0]?.[0]?.binary?.file?.data).toBe(
      Buffer.from('bytes').toString('base64'),
    );
  });

  it('comes with the later event of the file, and is filtered like its message', async () => {
    gateway({ 'GET /v1/media/med_1': { body: 'bytes', headers: { 'content-type': 'image/png' } } });
    const data = { kind: 'image', text: null, media };
    const later = received('evt_l', data, { type: 'message.media' });
    const events = ['message.media'];
    const run = await deliver(registered({ ...options, events }), 'evt_l', later);
    const item = run.result.workflowData?.[0]?.[0];
    expect(item?.json).toMatchObject({ type: 'message.media', messageId: '3EB0BBBB', text: 'A cat' });
    expect(item?.binary?.file?.fileName).toBe('cat.png');
    const filtered = registered({ ...options, events, filters: { textContains: 'dog' } });
    expect((await deliver(filtered, 'evt_l', later)).result.workflowData).toBeUndefined();
  });

  it('a file that is gone does not lose the message', async () => {
    gateway({ 'GET /v1/media/med_1': problem('media_not_found', 404) });
    const run = await deliver(registered(options), 'evt_m', withMedia);
    const item = run.result.workflowData?.[0]?.[0];
    expect(item?.binary).toBeUndefined();
    expect(item?.json.mediaError).toContain('Title of media_not_found');
  });
});
