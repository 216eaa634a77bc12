/**
 * The opt-out list over HTTP: its shape, and who may do what.
 */
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

it('puts a number on the list, finds it there, and takes it off', async () => {
  const put = await http.call('PUT', '/v1/opt-outs/+49%20151%201');
  expect([put.status, put.json]).toEqual([
    201,
    {
      phone: '491511',
      jid: '491511@s.whatsapp.net',
      lid: null,
      source: 'api',
      keyword: null,
      sessionId: null,
      createdAt: '1970-01-01T00:00:05.000Z',
    },
  ]);
  expect((await http.call('PUT', '/v1/opt-outs/491511')).status).toBe(200);
  expect((await http.call('GET', '/v1/opt-outs/491511')).json).toEqual(put.json);
  expect((await http.call('GET', '/v1/opt-outs')).json).toEqual({ data: [put.json], nextCursor: null });
  expect((await http.call('DELETE', '/v1/opt-outs/491511')).status).toBe(204);
  expect((await http.refusal('GET', '/v1/opt-outs/491511')).code).toBe('opt_out_not_found');
  expect((await http.refusal('DELETE', '/v1/opt-outs/491511')).code).toBe('opt_out_not_found');
});

it('a sender may add to the list, only an operator takes off it', async () => {
  const { key } = await http.makeKey('sender');
  expect((await http.call('PUT', '/v1/opt-outs/491511', { key })).status).toBe(201);
  expect((await http.refusal('DELETE', '/v1/opt-outs/491511', { key })).code).toBe('forbidden');
  expect((await http.refusal('GET', '/v1/opt-outs', { key })).code).toBe('forbidden');
});
