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

  it('downloads it on request', async () => {
    nock(BASE_URL)
      .get('/v1/media/med_1')
      .reply(200, Buffer.from([1, 2, 3, 4]), { 'content-type': 'image/png' });
    const run = await deliver(registered(options), 'evt_m', withMedia);
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

  it('a file that is gone does not lose the message', async () => {
    gateway({ 'GET /v1/media/med_1': problem('media_not_found', 404) });
    const run = await deliver(registered(options), 'evt_m', withMedia);
    const item = run.result.workflowData?.[0]?.[0];
    expect(item?.binary).toBeUndefined();
    expect(item?.json.mediaError).toContain('Title of media_not_found');
  });
});
