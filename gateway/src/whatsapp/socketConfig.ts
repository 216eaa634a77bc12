/**
 * How Baileys' client is set up for a gateway, in one place. Each value differs from rc14's default for the reason given.
 */
import { Browsers, type SocketConfig, type UserFacingSocketConfig } from '@whiskeysockets/baileys';
import type { Logger } from '../lib/logger.js';
import type { AuthState } from './authState.js';
import { createBaileysLogger } from './baileysLogger.js';
import type { BaileysCaches } from './caches.js';
import type { Timing } from './timing.js';

export interface SocketParts {
  auth: AuthState;
  caches: BaileysCaches;
  logger: Logger;
  url: string | undefined;
  makeSignalRepository: SocketConfig['makeSignalRepository'];
  getMessage: SocketConfig['getMessage'];
  timing: Pick<Timing, 'keepAliveMs'>;
}

export function socketConfig(parts: SocketParts): UserFacingSocketConfig {
  return {
    auth: parts.auth.state,
    logger: createBaileysLogger(parts.logger),
    ...(parts.url === undefined ? {} : { waWebSocketUrl: parts.url }),
    ...parts.caches,
    browser: Browsers.macOS('Chrome'),
    makeSignalRepository: parts.makeSignalRepository,
    getMessage: parts.getMessage,
    // Appearing online would silence the notifications on the user's phone.
    markOnlineOnConnect: false,
    // Receipts that overtake our own "append" would be merged into it and lost.
    emitOwnEvents: false,
    // The database answers resends, also after a restart.
    enableRecentMessageCache: false,
    // History is not ours to keep; the initial bootstrap still comes, and with it the LID mappings.
    syncFullHistory: false,
    // The next message would wait for it.
    retryRequestDelayMs: 0,
    // One unanswered query stalls all sends of the session for this long.
    defaultQueryTimeoutMs: 15_000,
    // rc14 would make a timer and two stack traces for every frame that it sends; liveness watches the link instead.
    connectTimeoutMs: 0,
    // Each ping is answered, so that a silent link is a dead one (see liveness).
    keepAliveIntervalMs: parts.timing.keepAliveMs,
    transactionOpts: { maxCommitRetries: 2, delayBetweenTriesMs: 100 },
  };
}
