/** The processor time that a process has used, which other work on the machine changes less than it does the clock's (Linux). */
import { readFileSync } from 'node:fs';

const TICK_MS = 10;

/** User and system time of all threads, in milliseconds. */
export function cpuMs(pid) {
  // The second field is the program's name in brackets, and may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
