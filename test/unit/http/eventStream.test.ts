/**
 * Readers of the event stream that do not read: they cost no memory, and are cut off after a while.
 */
import { get, type IncomingMessage } from 'node:http';
import type { StoredEvent } from '../../../gateway/src/domain/event.js';
import type { Events } from '../../../gateway/src/webhooks/types.js';
import { eventually } from '../../support/eventually.js';
import { startHttp, type HttpHarness } from './harness.js';

const EVENT_BYTES = 100_000;
/** What the kernel's buffers of one connection may take at most. */
const KERNEL_BYTES = 20_000_000;

/** Events without end; counts what was read from the log. */
function endlessEvents() {
  const log = { read: 0, ended: false };
  const port: Events = {
    list: () => Promise.resolve({ data: [], nextCursor: null }),
    async *follow(_caller, { signal }): AsyncGenerator<StoredEvent> {
      try {
        while (!signal.aborted) {
          log.read += 1;
          await new Promise(setImmediate);
          const data = { text: 'x'.repeat(EVENT_BYTES) };
          yield {
            id: `evt_${String(log.read)}`,
            seq: log.read,
            type: 'message.received',
            sessionId: 's',
            at: 0,
            data,
          };
        }
      } finally {
        log.ended = true;
      }
    },
    wake: () => undefined,
  };
  return { log, port };
}

let http: HttpHarness;
let log: ReturnType<typeof endlessEvents>['log'];
beforeEach(async () => {
  const events = endlessEvents();
  log = events.log;
  http = await startHttp({ events: events.port });
});
afterEach(() => http.stop());

/** A reader that takes the head of the answer and nothing more. */
function openStream(): Promise<IncomingMessage> {
  const headers = { 'X-API-Key': http.admin };
  return new Promise((resolve, reject) => {
    get(`${http.base}/v1/events/stream`, { headers }, (response) => {
      response.on('error', () => undefined);
      resolve(response.pause());
    }).on('error', reject);
  });
}

/** The log is no longer read from: the buffers are full. */
async function untilHeldBack(): Promise<void> {
  let before = -1;
  await eventually('the stream to be held back', async () => {
    const still = log.read === before;
    before = log.read;
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    return still;
  });
}

test('a reader that does not read stops the reading from the log, and goes on where it was', async () => {
  const response = await openStream();
  await untilHeldBack();
  const held = log.read;
  expect(held).toBeGreaterThan(1);
  expect(held * EVENT_BYTES).toBeLessThan(KERNEL_BYTES);
  const text = await new Promise<string>((resolve) => {
    let taken = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      taken += chunk;
      if (taken.includes(`id: evt_${String(held + 20)}\n`)) resolve(taken);
    });
    response.resume();
  });
  const seqs = [...text.matchAll(/^id: evt_(\d+)$/gm)].map(([, seq]) => Number(seq));
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  response.destroy();
  await eventually('the end of the stream', () => log.ended);
});

test('a reader that takes nothing for a while is cut off, and gets no signs of life meanwhile', async () => {
  const response = await openStream();
  await untilHeldBack();
  const closed = new Promise((resolve) => response.once('close', resolve));
  // What is waited for: the next sign of life, and the reader.
  for (const timer of [...http.clock.timers]) timer();
  await eventually('the end of the reading', () => log.ended);
  let taken = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (taken += chunk));
  response.resume();
  await closed;
  expect(response.complete).toBe(false);
  expect(taken).not.toContain(': still here');
});
