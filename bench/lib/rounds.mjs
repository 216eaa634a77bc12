/** Contenders that are measured in turn, round after round, and how their rates are shown. */
import { cpuMs } from './cpu.mjs';
import { show } from './report.mjs';

/** Messages per second of `work`, and the processor time that the process spent on each. */
export async function timed({ pid, count }, work) {
  const cpuBefore = cpuMs(pid);
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1000;
  return { rate: count / seconds, cpu: (cpuMs(pid) - cpuBefore) / count };
}

/** One row per round with what `measure(contender, name)` gave for each; the first round warms all up and is left out. */
export async function inRounds(contenders, rounds, measure) {
  const results = [];
  for (let round = 0; round <= rounds; round += 1) {
    const row = {};
    for (const [name, contender] of Object.entries(contenders))
      row[name] = await measure(contender, `${name} ${round}`);
    if (round > 0) results.push(row);
  }
  return results;
}

/** A line for the rates and one for the processor time of each contender. */
export function showRates(results, what) {
  for (const name of Object.keys(results[0])) {
    const values = (of) => results.map((row) => row[name][of]);
    show(`${name}, ${what}`, values('rate'));
    show(`${name}, ms of processor time per message`, values('cpu'), 2);
  }
}
