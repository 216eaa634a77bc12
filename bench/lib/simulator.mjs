/**
 * A simulated WhatsApp in a process of its own, so that its work is not counted with the program that is measured.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createSimulatorClient } from '../../gateway/dist/simulator/client.js';

const MAIN = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));

/** Starts `sluice simulator`; `phone` is the control client. */
export async function startSimulator({ execArgv = [] } = {}) {
  const child = spawn(process.execPath, [...execArgv, MAIN, 'simulator'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Also when the benchmark itself fails.
  process.once('exit', () => child.kill());
  let output = '';
  const settings = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the simulator ended with code ${code}`)));
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const control = /control API: (\S+)/.exec(output);
      if (!control) return;
      resolve({
        url: /SLUICE_WHATSAPP_URL=(\S+)/.exec(output)[1],
        rootKey: /SLUICE_WHATSAPP_ROOT_KEY=(\S+)/.exec(output)[1],
        controlUrl: control[1],
      });
    });
  });
  return {
    ...settings,
    phone: createSimulatorClient(settings.controlUrl),
    stop: () => endProcess(child),
  };
}

/** A Node process that ends with the benchmark, also when that fails. */
export function startProcess(args, options) {
  const child = spawn(process.execPath, args, options);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

/** Asks a process to end and waits until it has. */
export function endProcess(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', resolve);
    if (!child.killed) child.kill('SIGTERM');
  });
}
