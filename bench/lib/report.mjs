/** Medians and lines of results, the same for every benchmark. */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const WIDTH = 56;

export const print = (line) => process.stdout.write(`${line}\n`);

/** One line: a name and a value per round, with their median. */
export function show(name, values, digits = 0) {
  const all = values.map((value) => value.toFixed(digits)).join('  ');
  print(`${name.padEnd(WIDTH)} median ${median(values).toFixed(digits)}   (${all})`);
}
