/**
 * What leaves a socket while messages are on their way to the disk: nothing that was sent after them, and all of it in
 * its order once they are there.
 */
import { gateFrames, type FrameGateDeps } from '../../../gateway/src/whatsapp/frameGate.js';
import { eventually } from '../../support/eventually.js';

function stage() {
  const sent: string[] = [];
  const failures: unknown[] = [];
  const socket = {
    send(bytes: Uint8Array, told?: (error?: Error) => void) {
      sent.push(Buffer.from(bytes).toString());
      told?.();
    },
  };
  let syncing: Promise<void> | null = null;
  gateFrames({
    client: { ws: { socket } } as unknown as FrameGateDeps['client'],
    syncing: () => syncing,
    onFailed: (error) => failures.push(error),
  });
  return {
    sent,
    failures,
    /** Sends as Baileys does, which goes on when it is told; answers the error it is told, or null. */
    send: (text: string) =>
      new Promise<Error | null>((resolve) => {
        socket.send(Buffer.from(text), (error) => {
          resolve(error ?? null);
        });
      }),
    /** From now on frames wait for this sync. */
    sync: () => {
      let finish = (): void => undefined;
      let fail: (error: Error) => void = () => undefined;
      syncing = new Promise((resolve, reject) => {
        finish = () => {
          syncing = null;
          resolve();
        };
        fail = reject;
      });
      syncing.catch(() => undefined);
      return { finish: () => finish(), fail: (error: Error) => fail(error) };
    },
  };
}

test('without anything on its way to the disk a frame leaves at once', async () => {
  const { send, sent } = stage();
  await send('ping');
  expect(sent).toEqual(['ping']);
});

test('a frame waits for the disk, and Baileys does not', async () => {
  const { send, sent, sync } = stage();
  const first = sync();
  await send('receipt 1');
  const second = sync();
  await send('receipt 2');
  expect(sent).toEqual([]);
  first.finish();
  await eventually('the first', () => sent.length > 0);
  expect(sent).toEqual(['receipt 1']);
  second.finish();
  await eventually('the second', () => sent.length > 1);
  expect(sent).toEqual(['receipt 1', 'receipt 2']);
});

test('what has nothing to wait for stays behind what has', async () => {
  const { send, sent, sync } = stage();
  const { finish } = sync();
  await send('receipt');
  finish();
  // The sync is over, and the frame in front has not left yet.
  await send('ping');
  await eventually('both', () => sent.length === 2);
  expect(sent).toEqual(['receipt', 'ping']);
  await send('pong');
  expect(sent).toEqual(['receipt', 'ping', 'pong']);
});

test('when the disk fails nothing goes out any more', async () => {
  const { send, sent, sync, failures } = stage();
  const { fail } = sync();
  await send('receipt');
  fail(new Error('disk full'));
  await eventually('the failure', () => failures.length > 0);
  expect((await send('ping'))?.message).toContain('could not keep');
  expect(sent).toEqual([]);
});
