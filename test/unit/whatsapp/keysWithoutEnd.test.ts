/**
 * On Node 20 a process hung for ever after some thousand keys: the export of a key of `generateKeyPairSync` waited for a lock
 * that it held itself when a garbage collection fell into it. Each of our ways to a key is taken often enough to meet many.
 */
import { spawnSync } from 'node:child_process';

const KEYS = 30_000;
const LIMIT_MS = 60_000;

const makers = {
  'whatsapp/fastCurve.js': 'fastCurve.generateKeyPair()',
  'simulator/signal/curve.js': 'generateKeyPair()',
};

/** In a process of its own, which can be ended when it hangs. A small space for new objects is collected often. */
function make(file: string, call: string) {
  const url = new URL(`../../../gateway/dist/${file}`, import.meta.url).href;
  const [name = ''] = call.split(/[.(]/);
  const script = `import { ${name} } from '${url}'; for (let i = 0; i < ${KEYS}; i += 1) ${call};`;
  const options = ['--max-semi-space-size=1', '--input-type=module', '--eval', script];
  return spawnSync(process.execPath, options, { timeout: LIMIT_MS, killSignal: 'SIGKILL', encoding: 'utf8' });
}

test.each(Object.entries(makers))(
  '%s makes tens of thousands of keys without hanging',
  (file, call) => {
    const { status, signal, stderr } = make(file, call);
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  },
  LIMIT_MS + 10_000,
);
