import { watchLiveness } from '../../../gateway/src/whatsapp/liveness.js';
import { TIMING } from '../../../gateway/src/whatsapp/timing.js';
import { eventually } from '../../support/eventually.js';
import { createFakeClock } from '../../support/fakeClock.js';

function watch() {
  const clock = createFakeClock();
  const told: string[] = [];
  const scene = { busySince: null as number | null, answers: true, probes: 0 };
  const liveness = watchLiveness({
    clock,
    timing: TIMING,
    onNeverOpened: () => told.push('never opened'),
    onSilent: () => told.push('silent'),
    onDeaf: (why) => told.push(why),
    busySince: () => scene.busySince,
    probe: () => {
      scene.probes += 1;
      return Promise.resolve(scene.answers);
    },
  });
  /** Time passes on a link on which something is heard each second. */
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second += 1) {
      liveness.heard();
      clock.advance(1_000);
    }
  };
  return { clock, told, liveness, scene, pass };
}

test('a link that is silent for 25 seconds is told once, within 30', () => {
  const { clock, told, liveness } = watch();
  liveness.opened(true);
  clock.advance(20_000);
  liveness.heard();
  clock.advance(24_999);
  expect(told).toEqual([]);
  clock.advance(5_001);
  expect(told).toEqual(['silent']);
});

test('a socket that never opens is told after 45 seconds', () => {
  const { told, pass } = watch();
  pass(45);
  expect(told).toEqual(['never opened']);
});

test('a server that does not say a word is told after 20 seconds', () => {
  const { clock, told } = watch();
  clock.advance(19_999);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual(['never opened']);
});

test('a closed socket is not watched any more', () => {
  const { clock, told, liveness } = watch();
  liveness.opened(true);
  liveness.stop();
  clock.advance(100_000);
  expect([told, clock.pending()]).toEqual([[], 0]);
});

test('a server that sends and yet answers no question is told after two of them', async () => {
  const { told, liveness, scene, pass } = watch();
  liveness.opened(true);
  pass(60);
  await eventually('the answer', () => scene.probes === 1);
  scene.answers = false;
  await eventually('the next question', () => {
    pass(60);
    return told.length > 0;
  });
  expect(told).toEqual(['WhatsApp no longer answered']);
  expect(scene.probes).toBe(3);
});

test('nobody is asked before the login', () => {
  const { liveness, scene, pass } = watch();
  liveness.opened(false);
  pass(200);
  expect(scene.probes).toBe(0);
});

test('an incoming message that blocks the others is told', () => {
  const { clock, told, liveness, scene, pass } = watch();
  liveness.opened(false);
  scene.busySince = clock.now();
  pass(89);
  expect(told).toEqual([]);
  pass(5);
  expect(told).toEqual(['incoming messages were stuck']);
});
