/**
 * What shares a write with what is sent next, over a stream that tells writes apart.
 */
import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { shareWrites, type SharedWritesDeps } from '../../../gateway/src/whatsapp/sharedWrites.js';
import { createFakeClock } from '../../support/fakeClock.js';

/** A client over a stream that keeps what reached it in one write. */
function stage() {
  const clock = createFakeClock();
  const link = new PassThrough();
  const writes: string[][] = [];
  link._write = (chunk: Buffer, _encoding, done) => {
    writes.push([chunk.toString()]);
    done();
  };
  link._writev = (chunks, done) => {
    writes.push(chunks.map(({ chunk }) => String(chunk)));
    done();
  };
  const socket = {
    send: (bytes: Uint8Array, told?: (error?: Error | null) => void) => void link.write(bytes, told),
    close: () => void link.end('farewell'),
  };
  const ws = Object.assign(new EventEmitter(), { socket });
  const { withNext } = shareWrites({ clock, client: { ws } as unknown as SharedWritesDeps['client'] });
  const say = (text: string): void => socket.send(Buffer.from(text));
  return {
    clock,
    link,
    socket,
    writes,
    say,
    withNext,
    later: (text: string) => withNext(() => say(text)),
    open: () => ws.emit('upgrade', { socket: link }),
  };
}

test('what may wait leaves in one write with the next, in its order', () => {
  const { clock, writes, say, later, open } = stage();
  open();
  later('ack 1');
  later('ack 2');
  expect(writes).toEqual([]);
  say('message');
  expect(writes).toEqual([['ack 1', 'ack 2', 'message']]);
  expect(clock.pending()).toBe(0);
  say('next');
  expect(writes).toEqual([['ack 1', 'ack 2', 'message'], ['next']]);
});

test('without company it leaves by itself, a moment later', () => {
  const { clock, writes, later, open } = stage();
  open();
  later('ack 1');
  clock.advance(199);
  expect(writes).toEqual([]);
  clock.advance(1);
  expect(writes).toEqual([['ack 1']]);
  later('ack 2');
  clock.advance(200);
  expect(writes).toEqual([['ack 1'], ['ack 2']]);
});

test('a socket that closes does not keep it', async () => {
  const { link, socket, writes, later, open } = stage();
  open();
  later('ack');
  socket.close();
  await once(link, 'finish');
  expect(writes.flat()).toEqual(['ack', 'farewell']);
});

test('before the connection stands nothing waits', () => {
  const { writes, later } = stage();
  later('ack');
  expect(writes).toEqual([['ack']]);
});

test('after a sender that failed the next frame leaves at once', () => {
  const { writes, say, withNext, open } = stage();
  open();
  const fail = (): void => {
    throw new Error('Connection Closed');
  };
  expect(() => withNext(fail)).toThrow('Connection Closed');
  say('message');
  expect(writes).toEqual([['message']]);
});
