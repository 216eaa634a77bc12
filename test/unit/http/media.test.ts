/**
 * Uploads and downloads: raw, as a form, with the stored type, and only for those who may.
 */
import { gatewayError } from '../../../gateway/src/domain/error.js';
import { eventually } from '../../support/eventually.js';
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

const BYTES = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x2d, 0x2d, 0x00, 0xff]);
const upload = (body: unknown, type: string, query = '') =>
  http.call('POST', `/v1/media${query}`, { body, headers: { 'Content-Type': type } });

function formOf(...files: [string, string][]): FormData {
  const form = new FormData();
  form.append('note', 'a plain field');
  for (const [name, type] of files) form.append('file', new Blob([BYTES], { type }), name);
  return form;
}

describe('POST /v1/media', () => {
  it('stores a raw body of any type', async () => {
    const { status, json } = await upload(BYTES, 'image/png; charset=binary', '?filename=a%20b.png');
    expect(status).toBe(201);
    expect(json).toEqual({
      id: expect.stringMatching(/^med_/) as unknown,
      mimeType: 'image/png',
      sizeBytes: BYTES.length,
      sha256: 'ab'.repeat(32),
    });
    const [file] = http.media.files.values();
    expect(file?.bytes).toEqual(Buffer.from(BYTES));
    expect(http.media.inputs[0]?.input).toMatchObject({
      kind: null,
      filename: 'a b.png',
      mimeType: 'image/png',
    });
  });

  it('stores JSON as a file too, without reading it', async () => {
    await upload('{ not json', 'application/json');
    expect([...http.media.files.values()][0]?.bytes.toString()).toBe('{ not json');
  });

  it('stores the one file of a form, with its name and type', async () => {
    const { status } = await http.call('POST', '/v1/media', { body: formOf(['a "b" ü.png', 'image/png']) });
    expect(status).toBe(201);
    expect(http.media.inputs[0]?.input).toMatchObject({ filename: 'a "b" ü.png', mimeType: 'image/png' });
    expect([...http.media.files.values()][0]?.bytes).toEqual(Buffer.from(BYTES));
  });

  it.each([
    ['no body', undefined, undefined],
    ['a form without a file', formOf(), undefined],
    ['a form with two files', formOf(['a', 'image/png'], ['b', 'image/png']), undefined],
    ['a form without a boundary', 'x', 'multipart/form-data'],
    [
      'a form that was cut off',
      '--x\r\nContent-Disposition: form-data; name="f"\r\n\r\nabc',
      'multipart/form-data; boundary=x',
    ],
    [
      'a part without a name',
      '--x\r\nContent-Type: a/b\r\n\r\nabc\r\n--x--',
      'multipart/form-data; boundary=x',
    ],
  ])('refuses %s', async (_what, body, type) => {
    const headers = type === undefined ? undefined : { 'Content-Type': type };
    expect((await http.refusal('POST', '/v1/media', { body, headers })).code).toBe('invalid_request');
    expect(http.media.files.size).toBe(0);
  });

  it.each(['media_too_large', 'unsupported_media'] as const)('passes on %s', async (code) => {
    http.media.script.refuse = gatewayError(code);
    expect((await http.refusal('POST', '/v1/media', { body: BYTES })).code).toBe(code);
  });

  it('is not for readers', async () => {
    const { key } = await http.makeKey('reader');
    expect((await http.refusal('POST', '/v1/media', { key, body: BYTES })).code).toBe('forbidden');
  });
});

describe('GET /v1/media/{id}', () => {
  const stored = async (key?: string) =>
    String(
      (
        await http.call('POST', '/v1/media?filename=a.html', {
          key,
          body: BYTES,
          headers: { 'Content-Type': 'text/html' },
        })
      ).json.id,
    );

  it('gives the bytes with their type, and lets them do nothing in a browser', async () => {
    const response = await http.fetchRaw('GET', `/v1/media/${await stored()}`);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(response.headers.get('content-length')).toBe(String(BYTES.length));
    expect(response.headers.get('content-disposition')).toBe('attachment; filename=a.html');
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(BYTES);
  });

  it('gives a sender only what it uploaded', async () => {
    const { key } = await http.makeKey('sender');
    const [own, other] = [await stored(key), await stored()];
    expect((await http.call('GET', `/v1/media/${own}`, { key })).status).toBe(200);
    expect((await http.refusal('GET', `/v1/media/${other}`, { key })).code).toBe('forbidden');
  });
});

describe('a form, byte by byte', () => {
  const TYPE = 'multipart/form-data; boundary=B';
  const head = 'Content-Disposition: form-data; name="a"; filename="a.txt"\r\n\r\n';
  const plain = 'Content-Disposition: form-data; name="note"\r\n\r\n';
  const bytesOf = () => [...http.media.files.values()][0]?.bytes.toString('latin1');

  it.each([
    [
      'line ends and dashes that belong to the data',
      `--B\r\n${head}\r\n--\r\n-B\r\n\r\n--B--\r\n`,
      '\r\n--\r\n-B\r\n',
    ],
    ['a preamble and an epilogue', `hello\r\n--B\r\n${head}x\r\n--B--\r\nbye`, 'x'],
    ['fields before and after', `--B\r\n${plain}1\r\n--B\r\n${head}x\r\n--B\r\n${plain}2\r\n--B--`, 'x'],
  ])('keeps %s', async (_what, body, expected) => {
    expect((await upload(body, TYPE)).status).toBe(201);
    expect(bytesOf()).toBe(expected);
  });

  it.each([
    ['nothing of a form', 'x'],
    ['only a delimiter', '--B'],
    ['a file without an end', `--B\r\n${head}abc`],
    ['another boundary at the end', `--B\r\n${head}x\r\n--C--\r\n`],
    ['no parts', '--B--\r\n'],
    ['a second file behind the first', `--B\r\n${head}x\r\n--B\r\n${head}y\r\n--B--\r\n`],
    ['a part that is cut off after the file', `--B\r\n${head}x\r\n--B\r\n${plain}y`],
  ])('refuses %s', async (_what, body) => {
    const problem = await http.refusal('POST', '/v1/media', { body, headers: { 'Content-Type': TYPE } });
    expect(problem.code).toBe('invalid_request');
    expect(http.media.files.size).toBe(0);
  });

  it('is handed on while it comes, and a client that goes away in the middle ends it', async () => {
    const going = new AbortController();
    const parts = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`--B\r\n${head}begun`));
      },
    });
    const request = fetch(`${http.base}/v1/media`, {
      method: 'POST',
      body: parts,
      duplex: 'half',
      signal: going.signal,
      headers: { 'Content-Type': TYPE, 'X-API-Key': http.admin },
    });
    await eventually('the first bytes', () => http.media.coming.length > 0);
    going.abort();
    await expect(request).rejects.toThrow();
    await eventually('the stream to end', () => http.media.broken.length > 0);
    expect(http.media.files.size).toBe(0);
  });
});
