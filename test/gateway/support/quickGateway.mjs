/**
 * The gateway with shorter waits, on the WhatsApp side and for media links, so that a test need not wait for minutes.
 */
import { readFileSync } from 'node:fs';
import { loadConfig } from '../../../gateway/dist/config.js';
import { startGateway } from '../../../gateway/dist/gateway.js';
import { createLogger } from '../../../gateway/dist/lib/logger.js';
import { muteConsole } from '../../../gateway/dist/lib/muteConsole.js';

muteConsole();
const config = loadConfig(process.env, (path) => readFileSync(path, 'utf8'));
const timing = {
  watchMs: 500,
  silenceMs: 3_000,
  keepAliveMs: 1_000,
  probeMs: 3_000,
  probeAnswerMs: 2_000,
  missingAfterMs: 6_000,
  askPhoneMs: 500,
  askAfterLoginMs: 300,
};
const gateway = await startGateway(config, { logger: createLogger('warn'), timing, linkTimeoutMs: 6_000 });
process.stdout.write(`listens at ${gateway.url}\n`);
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)));
