/**
 * A gateway that stops for ever at a chosen point, so that a test can kill it exactly there: when it is about to write
 * the event of a type (HOLD_EVENT), inside the transaction. Says "held" on standard output when it is there.
 */
import { readFileSync } from 'node:fs';
import { loadConfig } from '../../../gateway/dist/config.js';
import { startGateway } from '../../../gateway/dist/gateway.js';
import { createLogger } from '../../../gateway/dist/lib/logger.js';
import { muteConsole } from '../../../gateway/dist/lib/muteConsole.js';

muteConsole();
const { HOLD_EVENT, ...env } = process.env;
const config = loadConfig(env, (path) => readFileSync(path, 'utf8'));

const aroundPublisher = (publisher) => ({
  ...publisher,
  publish(tx, event) {
    if (event.type !== HOLD_EVENT) return publisher.publish(tx, event);
    process.stdout.write('held\n');
    return new Promise(() => undefined);
  },
});

const gateway = await startGateway(config, { logger: createLogger('warn'), aroundPublisher });
process.stdout.write(`listens at ${gateway.url}\n`);
