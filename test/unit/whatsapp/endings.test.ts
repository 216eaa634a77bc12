import { createEndings, type EndingsDeps } from '../../../gateway/src/whatsapp/endings.js';
import { createFakeClock } from '../../support/fakeClock.js';

/** A client whose connection ends when the other side says so, or when it is cut. */
function fakeClient() {
  const reasons: unknown[] = [];
  let answer = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const client = {
    end: (error: Error) => {
      reasons.push([error.message, (error as Error & { output: { statusCode: number } }).output.statusCode]);
      return closed;
    },
    ws: { socket: { terminate: () => answer() } },
  } as unknown as EndingsDeps['client'];
  return { client, reasons, answer: () => answer() };
}

const clock = createFakeClock();
const errors: unknown[] = [];
const onError = (error: unknown): void => void errors.push(error);

test('the end carries its reason and leaves no timer', async () => {
  const { client, reasons, answer } = fakeClient();
  const ended = createEndings({ client, clock, onError }).end({ code: 503, message: 'busy' });
  answer();
  await ended;
  expect(reasons).toEqual([['busy', 503]]);
  expect(clock.pending()).toBe(0);
});

test('a dead link does not hold up the end for longer than two seconds', async () => {
  const { client } = fakeClient();
  let over = false;
  const ended = createEndings({ client, clock, onError })
    .end()
    .then(() => {
      over = true;
    });
  clock.advance(1_999);
  await Promise.resolve();
  expect(over).toBe(false);
  clock.advance(1);
  await ended;
  expect(over).toBe(true);
});

test('a link that is cut off ends at once', async () => {
  const { client, reasons } = fakeClient();
  const endings = createEndings({ client, clock, onError });
  endings.cutOff(408, 'the link went silent');
  await endings.end();
  expect(reasons[0]).toEqual(['the link went silent', 408]);
  expect(errors).toEqual([]);
});
