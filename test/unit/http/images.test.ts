/**
 * Sending an image over HTTP: by link, as base64, by the id of an upload.
 */
import { gatewayError } from '../../../gateway/src/domain/error.js';
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

const TO = '+4915112345678';
const send = (body: unknown) => http.call('POST', '/v1/messages', { body });
const pathsOf = async (body: unknown): Promise<string[] | undefined> =>
  (await http.refusal('POST', '/v1/messages', { body })).errors?.map(({ path }) => path);

describe('an image', () => {
  const image = (member: object) => ({ to: TO, type: 'image', image: member });
  const sentContent = () => [...http.outbox.rows.values()].at(-1)?.content;

  it('is taken by link, as base64, and by the id of an upload', async () => {
    await send(image({ link: 'https://example.org/a.png', caption: 'look' }));
    expect(http.media.inputs[0]).toMatchObject({
      source: 'https://example.org/a.png',
      input: { kind: 'image' },
    });
    expect(sentContent()).toMatchObject({
      type: 'image',
      image: { mediaId: expect.stringMatching(/^med_/) as unknown, caption: 'look' },
    });
    await send(image({ data: 'aGVsbG8=', mimeType: 'image/png' }));
    expect(http.media.inputs[1]).toMatchObject({
      source: 'aGVsbG8=',
      input: { kind: 'image', mimeType: 'image/png' },
    });
    const id = [...http.media.files.keys()].at(-1);
    await send(image({ id }));
    expect(sentContent()).toMatchObject({ image: { mediaId: id } });
    expect(http.media.inputs).toHaveLength(2);
  });

  it('may be as large as 16 MB of JSON', async () => {
    const data = 'QUJD'.repeat(3_900_000);
    expect((await send(image({ data, mimeType: 'image/png' }))).status).toBe(202);
  });

  it.each([
    [{}, ['image']],
    [{ link: 'https://a.b/c', id: 'med_1' }, ['image']],
    [{ link: 'ftp://a.b/c' }, ['image.link']],
    [{ link: 'not a link' }, ['image.link']],
    [{ data: 'aGVsbG8=' }, ['image.mimeType']],
    [{ data: '***', mimeType: 'image/png' }, ['image.data']],
    [{ id: 'med_1', viewOnce: 1 }, ['image.viewOnce']],
    [{ id: 'med_1', caption: 'x'.repeat(1_025) }, ['image.caption']],
  ])('refuses %j', async (member, paths) => {
    expect(await pathsOf(image(member))).toEqual(paths);
  });

  it.each(['media_unreachable', 'target_not_allowed', 'media_too_large', 'unsupported_media'] as const)(
    'passes on %s',
    async (code) => {
      http.media.script.refuse = gatewayError(code);
      const problem = await http.refusal('POST', '/v1/messages', { body: image({ link: 'http://a.b/c' }) });
      expect(problem.code).toBe(code);
      expect([http.outbox.rows.size, http.media.files.size]).toEqual([0, 0]);
    },
  );

  it('by an unknown id is refused', async () => {
    expect((await http.refusal('POST', '/v1/messages', { body: image({ id: 'med_none' }) })).code).toBe(
      'media_not_found',
    );
  });
});
