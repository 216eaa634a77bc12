/**
 * Runs the baselines of rawBaileys.mjs as processes and pairs their sockets with simulated phones.
 */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endProcess, startProcess } from './simulator.mjs';

const RAW = fileURLToPath(new URL('./rawBaileys.mjs', import.meta.url));

/** Raw Baileys with one socket per number; `keys` is `files` or `memory`. What comes in is posted to `receiver`, if given. */
export async function startBaseline(simulator, { keys, numbers, receiver }) {
  const args = [RAW, simulator.url, keys, String(numbers.length), ...(receiver ? [receiver] : [])];
  const child = startProcess(args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiters = [];
  const seen = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (text) => {
    const line = JSON.parse(text);
    const index = waiters.findIndex(({ fits }) => fits(line));
    if (index >= 0) waiters.splice(index, 1)[0].resolve(line);
    else seen.push(line);
  });
  child.once('exit', () => {
    for (const { reject } of waiters.splice(0)) reject(new Error('the baseline ended'));
  });
  const next = (fits) => {
    const index = seen.findIndex(fits);
    if (index >= 0) return Promise.resolve(seen.splice(index, 1)[0]);
    return new Promise((resolve, reject) => waiters.push({ fits, resolve, reject }));
  };
  const { port } = await next((line) => 'port' in line);
  await Promise.all(
    numbers.map(async (number, index) => {
      await simulator.phone.createPhone({ number, name: `Raw ${index}` });
      const { qr } = await next((line) => 'qr' in line && line.index === index);
      await simulator.phone.scan(number, qr);
      await next((line) => line.open === index);
    }),
  );
  return {
    pid: child.pid,
    /** Sends `texts[i]` from socket i to `to[i]`, in the process itself. */
    async sendAll(to, texts) {
      child.stdin.write(`${JSON.stringify({ to, texts })}\n`);
      await next((line) => 'sent' in line);
    },
    /** One message through its HTTP route. */
    async post(index, to, text) {
      const response = await fetch(`http://127.0.0.1:${port}/${index}`, {
        method: 'POST',
        body: JSON.stringify({ to, text }),
      });
      if (!response.ok) throw new Error(`the baseline answered ${response.status}`);
      await response.text();
    },
    stop: () => endProcess(child),
  };
}
