/**
 * The QR code in its four formats, the code to type, and asking WhatsApp for a recipient.
 */
import QRCode from 'qrcode';
import sharp from 'sharp';
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

describe('GET /v1/sessions/{id}/qr', () => {
  const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const path = '/v1/sessions/new/qr';
  beforeEach(() => {
    http.sessions.rows.set('new', { ...http.sessions.add('x').get('x'), id: 'new', status: 'qr' } as never);
    http.sessions.codes.set('new', { qr: '2@abc,def,ghi', attempt: 2, expiresAt: 60_000 });
  });

  const get = async (query: string, accept?: string) => {
    const response = await http.fetchRaw('GET', path + query, {
      headers: accept === undefined ? {} : { Accept: accept },
    });
    return {
      type: response.headers.get('content-type') ?? '',
      bytes: Buffer.from(await response.arrayBuffer()),
    };
  };

  it('is JSON with a picture by default', async () => {
    const { json } = await http.call('GET', path);
    expect(json).toMatchObject({ qr: '2@abc,def,ghi', attempt: 2, expiresAt: '1970-01-01T00:01:00.000Z' });
    const [head, data] = String(json.image).split(',');
    expect(head).toBe('data:image/png;base64');
    expect(Buffer.from(String(data), 'base64').subarray(0, 8)).toEqual(PNG);
  });

  it('is a picture or text by Accept, and by ?format= whatever Accept says', async () => {
    for (const png of [
      await get('', 'image/png'),
      await get('', 'image/*'),
      await get('?format=png', 'application/json'),
    ]) {
      expect(png.type).toBe('image/png');
      expect(png.bytes.subarray(0, 8)).toEqual(PNG);
    }
    for (const svg of [await get('', 'image/svg+xml'), await get('?format=svg')]) {
      expect(svg.type).toMatch(/^image\/svg\+xml/);
      expect(svg.bytes.toString()).toMatch(/^<svg/);
    }
    for (const text of [await get('', 'text/plain'), await get('?format=text')]) {
      expect(text.type).toMatch(/^text\/plain; charset=utf-8/);
      expect(text.bytes.toString()).toMatch(/[█▀▄]/);
    }
    for (const json of [
      await get('?format=json', 'image/png'),
      await get('', 'text/html'),
      await get('', '*/*'),
    ]) {
      expect(json.type).toMatch(/^application\/json/);
    }
  });

  it('has every module of the code in its picture, with a white margin', async () => {
    const { bytes } = await get('?format=png');
    const { data, info } = await sharp(bytes).greyscale().raw().toBuffer({ resolveWithObject: true });
    const { modules } = QRCode.create('2@abc,def,ghi', { errorCorrectionLevel: 'M' });
    const scale = info.width / (modules.size + 4);
    expect([info.height, scale % 1]).toEqual([info.width, 0]);
    const isDark = (x: number, y: number): boolean => data[(y * info.width + x) * info.channels] === 0;
    for (let y = 0; y < info.height; y += 1) {
      for (let x = 0; x < info.width; x += 1) {
        const [column, row] = [Math.floor(x / scale) - 2, Math.floor(y / scale) - 2];
        const inside = Math.min(column, row) >= 0 && Math.max(column, row) < modules.size;
        if (isDark(x, y) !== (inside && modules.get(row, column) === 1))
          throw new Error(`pixel ${x},${y} is wrong`);
      }
    }
  });

  it('waits when asked to', async () => {
    await http.call('GET', `${path}?waitSeconds=20`);
    await http.call('GET', path);
    expect(http.sessions.qrWaits).toEqual([20_000, 0]);
    expect((await http.refusal('GET', `${path}?waitSeconds=61`)).code).toBe('invalid_request');
    expect((await http.refusal('GET', `${path}?format=gif`)).code).toBe('invalid_request');
  });

  it('says why there is none', async () => {
    http.sessions.codes.clear();
    expect(await http.refusal('GET', path)).toMatchObject({
      code: 'qr_not_available',
      status: 404,
      retryable: true,
    });
    expect(await http.refusal('GET', '/v1/sessions/x/qr')).toMatchObject({
      code: 'session_connected',
      status: 409,
    });
  });
});

describe('POST /v1/sessions/{id}/pairing-code', () => {
  const path = '/v1/sessions/new/pairing-code';
  beforeEach(() => {
    http.sessions.rows.set('new', { ...http.sessions.add('x').get('x'), id: 'new', status: 'qr' } as never);
  });

  it('gives the code for a number, however it is written', async () => {
    for (const phone of ['4915112345678', '+49 151 1234-5678']) {
      expect((await http.call('POST', path, { body: { phone } })).json).toEqual({
        code: 'FOR-4915112345678',
        expiresAt: '1970-01-01T00:02:40.000Z',
      });
    }
  });

  it('refuses what is no number', async () => {
    for (const phone of ['123', 'hello', '0151234567', '12036304@g.us', '9912345@lid']) {
      expect(await http.refusal('POST', path, { body: { phone } })).toMatchObject({
        code: 'recipient_invalid',
        status: 422,
      });
    }
    for (const body of [{}, { phone: '' }, { phone: 4915112345678 }, { phone: '4915112345678', code: 'x' }])
      expect((await http.refusal('POST', path, { body })).code).toBe('invalid_request');
  });

  it('is for those who manage sessions, and not for a connected session', async () => {
    const body = { phone: '4915112345678' };
    const { key } = await http.makeKey('sender');
    expect((await http.refusal('POST', path, { key, body })).code).toBe('forbidden');
    const refused = await http.refusal('POST', '/v1/sessions/x/pairing-code', { body });
    expect(refused).toMatchObject({ code: 'session_connected', status: 409 });
  });
});

describe('GET /v1/sessions/{id}/recipients/{phone}', () => {
  const lookUp = (phone: string) => `/v1/sessions/main/recipients/${encodeURIComponent(phone)}`;
  beforeEach(() => {
    http.sessions.add('main');
  });

  it('tells what WhatsApp says', async () => {
    const known = {
      exists: true,
      phone: '4915112345678',
      jid: '4915112345678@s.whatsapp.net',
      lid: '99@lid',
    };
    http.sessions.recipients.set('4915112345678', known);
    for (const phone of ['4915112345678', '+49 151 1234-5678', '4915112345678@c.us']) {
      expect((await http.call('GET', lookUp(phone))).json).toEqual(known);
    }
  });

  it('refuses what is no number', async () => {
    for (const phone of ['123', 'hello', '0151234567', '12036304@g.us', '4915112345678@example.org']) {
      expect(await http.refusal('GET', lookUp(phone))).toMatchObject({
        code: 'recipient_invalid',
        status: 422,
      });
    }
  });

  it('says when nobody can be asked', async () => {
    expect(await http.refusal('GET', lookUp('4915112345678'))).toMatchObject({
      code: 'session_not_connected',
      status: 503,
      retryAfterSeconds: 10,
    });
  });
});
