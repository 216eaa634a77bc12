/**
 * Baileys' logger: its warnings and errors reach our log as their sentence alone. The objects that come with them hold
 * keys, numbers and texts, and its lower levels serialise every stanza.
 */
import type { SocketConfig } from '@whiskeysockets/baileys';
import type { Logger } from '../lib/logger.js';

type BaileysLogger = SocketConfig['logger'];

export function createBaileysLogger(logger: Logger): BaileysLogger {
  const nothing = (): void => undefined;
  const sentence = (message: unknown, text: string | undefined): string =>
    text ?? (typeof message === 'string' ? message : 'no message');
  const self: BaileysLogger = {
    level: 'warn',
    child: () => self,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: (object, text) => logger.debug({ baileys: sentence(object, text) }, 'baileys warning'),
    error: (object, text) => logger.debug({ baileys: sentence(object, text) }, 'baileys error'),
  };
  return self;
}
