/**
 * The bell, and waiting for a row with it.
 */
import { createBell } from '../../../gateway/src/cluster/bell.js';
import { readUntil } from '../../../gateway/src/cluster/until.js';
import { eventually } from '../../support/eventually.js';
import { createFakeClock } from '../../support/fakeClock.js';

describe('the bell', () => {
  it('is heard by everyone who listens to the topic, until they stop', () => {
    const bell = createBell();
    const heard: string[] = [];
    const stop = bell.listen('message:1', () => heard.push('a'));
    bell.listen('message:1', () => heard.push('b'));
    bell.listen('message:2', () => heard.push('c'));
    bell.ring('message:1');
    stop();
    stop();
    bell.ring('message:1');
    bell.ring('session:none');
    expect(heard).toEqual(['a', 'b', 'b']);
  });

  it('goes on for the others when one stops listening while it rings', () => {
    const bell = createBell();
    const heard: string[] = [];
    const stop = bell.listen('sessions', () => {
      heard.push('a');
      stop();
    });
    bell.listen('sessions', () => heard.push('b'));
    bell.ring('sessions');
    bell.ring('sessions');
    expect(heard).toEqual(['a', 'b', 'b']);
  });

  it('is heard again by one who listens anew after the last one stopped', () => {
    const bell = createBell();
    let count = 0;
    const listen = () => bell.listen('sessions', () => (count += 1));
    const stop = listen();
    stop();
    listen();
    stop();
    bell.ring('sessions');
    expect(count).toBe(1);
  });
});

describe('waiting until a row says so', () => {
  function start(timeoutMs = 5_000) {
    const bell = createBell();
    const clock = createFakeClock();
    let value = 'queued';
    let reads = 0;
    let result: string | undefined;
    let duringRead = (): void => undefined;
    const done = readUntil(
      { bell, clock },
      {
        topic: 'message:1',
        timeoutMs,
        done: (status) => status === 'sent',
        read: () => {
          reads += 1;
          const seen = value;
          duringRead();
          return Promise.resolve(seen);
        },
      },
    ).then((last) => (result = last));
    return {
      bell,
      clock,
      done,
      result: () => result,
      reads: () => reads,
      set: (next: string) => (value = next),
      onRead: (callback: () => void) => (duringRead = callback),
      waiting: (count: number) => eventually('a wait', () => reads === count && clock.pending() === 1),
    };
  }

  it('looks when the bell rings', async () => {
    const { bell, clock, done, set, waiting } = start();
    await waiting(1);
    bell.ring('message:1');
    await waiting(2);
    set('sent');
    bell.ring('message:1');
    expect(await done).toBe('sent');
    expect(clock.pending()).toBe(0);
  });

  it('looks now and then without a ring, for what other processes change', async () => {
    const { clock, done, set, waiting } = start();
    await waiting(1);
    set('sent');
    clock.advance(499);
    await Promise.resolve();
    clock.advance(1);
    expect(await done).toBe('sent');
  });

  it('does not miss a ring that comes while it reads', async () => {
    const { bell, done, set, onRead, waiting, reads } = start();
    await waiting(1);
    onRead(() => {
      onRead(() => undefined);
      set('sent');
      bell.ring('message:1');
    });
    bell.ring('message:1');
    expect(await done).toBe('sent');
    expect(reads()).toBe(3);
  });

  it('answers what was there last when the time is over, and leaves no timer', async () => {
    const { clock, done, set, waiting, result } = start(1_200);
    await waiting(1);
    clock.advance(500);
    await waiting(2);
    set('sending');
    clock.advance(500);
    await waiting(3);
    clock.advance(199);
    await Promise.resolve();
    expect(result()).toBeUndefined();
    clock.advance(1);
    expect(await done).toBe('sending');
    expect(clock.pending()).toBe(0);
  });

  it('reads once and does not wait when there is no time', async () => {
    const { clock, done, reads } = start(0);
    expect(await done).toBe('queued');
    expect(reads()).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  it('rejects when a read does, and stops listening', async () => {
    const bell = createBell();
    const read = () => Promise.reject(new Error('connection lost'));
    const wait = { topic: 'sessions' as const, read, done: () => true, timeoutMs: 1_000 };
    await expect(readUntil({ bell, clock: createFakeClock() }, wait)).rejects.toThrow('connection lost');
    bell.ring('sessions');
  });
});
