/**
 * The worker loop: waits, wakes, stops, and survives a step that throws; on a clock that the test moves.
 */
import { createLoop } from '../../../gateway/src/lib/loop.js';
import { eventually } from '../../support/eventually.js';
import { createFakeClock } from '../../support/fakeClock.js';

const IDLE_MS = 1_000;

/** A loop whose steps end when the test says so. */
function start(answers: (number | Error)[] = []) {
  const clock = createFakeClock();
  const errors: unknown[] = [];
  let steps = 0;
  let gate: Promise<void> | null = null;
  let open = (): void => undefined;
  const loop = createLoop({
    clock,
    idleMs: IDLE_MS,
    onError: (error) => errors.push(error),
    async step() {
      steps += 1;
      if (gate) await gate;
      const answer = answers.shift() ?? IDLE_MS;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return {
    loop,
    clock,
    errors,
    steps: () => steps,
    /** Keeps the next steps from ending. */
    close: () => {
      gate = new Promise((resolve) => (open = resolve));
    },
    open: () => open(),
    /** Resolves when the loop waits. */
    waiting: () => eventually('a waiting loop', () => clock.pending() === 1),
  };
}

it('runs at once, and again after the wait that the step asked for', async () => {
  const { loop, clock, steps, waiting } = start([300]);
  await waiting();
  clock.advance(299);
  expect(steps()).toBe(1);
  clock.advance(1);
  await eventually('the second step', () => steps() === 2);
  await loop.stop();
});

it('waits no longer than the idle time', async () => {
  const { loop, clock, steps, waiting } = start([Infinity]);
  await waiting();
  clock.advance(IDLE_MS);
  await eventually('the second step', () => steps() === 2);
  await loop.stop();
});

it('does not wait after 0', async () => {
  const { loop, steps, waiting } = start([0, 0, 0, IDLE_MS]);
  await waiting();
  expect(steps()).toBe(4);
  await loop.stop();
});

it('is woken from a wait, once for many wakes', async () => {
  const { loop, clock, steps, waiting } = start();
  await waiting();
  for (let count = 0; count < 5; count += 1) loop.wake();
  await eventually('the second step', () => steps() === 2);
  await waiting();
  expect(steps()).toBe(2);
  expect(clock.pending()).toBe(1);
  await loop.stop();
});

it('runs once more when it is woken during a step', async () => {
  const { loop, steps, waiting, close, open } = start();
  await waiting();
  close();
  loop.wake();
  await eventually('the second step', () => steps() === 2);
  loop.wake();
  loop.wake();
  open();
  await waiting();
  expect(steps()).toBe(3);
  await loop.stop();
});

it('stops during a wait and leaves no timer', async () => {
  const { loop, clock, steps, waiting } = start();
  await waiting();
  await loop.stop();
  expect(clock.pending()).toBe(0);
  loop.wake();
  clock.advance(10 * IDLE_MS);
  await Promise.resolve();
  expect(steps()).toBe(1);
});

it('stops after the step in hand', async () => {
  const { loop, clock, steps, waiting, close, open } = start();
  await waiting();
  close();
  loop.wake();
  await eventually('the second step', () => steps() === 2);
  let ended = false;
  const stopping = loop.stop().then(() => (ended = true));
  await Promise.resolve();
  expect(ended).toBe(false);
  open();
  await stopping;
  expect(clock.pending()).toBe(0);
  expect(steps()).toBe(2);
});

it('tells of a step that threw and goes on after the idle time, not before', async () => {
  const { loop, clock, steps, errors, waiting } = start([new Error('no'), new Error('again')]);
  await waiting();
  expect(errors).toEqual([new Error('no')]);
  clock.advance(IDLE_MS - 1);
  expect(steps()).toBe(1);
  clock.advance(1);
  await eventually('the second step', () => errors.length === 2);
  await waiting();
  loop.wake();
  await eventually('the third step', () => steps() === 3);
  await loop.stop();
});
