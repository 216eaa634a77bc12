/**
 * The gateway with a clock of its own: CLOCK_AHEAD_MS ahead of the real one, and CLOCK_SPEED times as fast, so that a test
 * sees hours and days without waiting for them. All values of the product stay as they are; what depends on the client's
 * own timers, which nobody can speed up, gets as much real time as ever.
 */
import { readFileSync } from 'node:fs';
import { loadConfig } from '../../../gateway/dist/config.js';
import { startGateway } from '../../../gateway/dist/gateway.js';
import { systemClock } from '../../../gateway/dist/lib/clock.js';
import { createLogger } from '../../../gateway/dist/lib/logger.js';
import { muteConsole } from '../../../gateway/dist/lib/muteConsole.js';
import { TIMING } from '../../../gateway/dist/whatsapp/timing.js';

muteConsole();
const { CLOCK_AHEAD_MS: ahead = '0', CLOCK_SPEED: speed = '1' } = process.env;
const config = loadConfig(process.env, (path) => readFileSync(path, 'utf8'));
const begun = systemClock.now();
const clock = {
  now: () => begun + Number(ahead) + Math.round((systemClock.now() - begun) * Number(speed)),
  schedule: (callback, delayMs) => systemClock.schedule(callback, delayMs / Number(speed)),
};
const inRealTime = Object.entries(TIMING).map(([name, ms]) => [name, ms * Number(speed)]);
const timing = { ...Object.fromEntries(inRealTime), keepAliveMs: TIMING.keepAliveMs };
const gateway = await startGateway(config, { logger: createLogger('warn'), timing, clock });
process.stdout.write(`listens at ${gateway.url}\n`);
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)));
