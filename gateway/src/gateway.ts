/**
 * The composition root: builds all parts, connects their edges, starts and stops them in order.
 * The only file that knows every feature; cli.ts and tests call `startGateway`.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { deriveKey, openBasis, type Basis, type BasisOptions } from './basis.js';
import { createCommands, type Commands } from './cluster/commands.js';
import { createOwnership, type Ownership } from './cluster/ownership.js';
import type { Config } from './config.js';
import { createApp } from './http/app.js';
import { linkedFiles } from './http/content.js';
import { createKeys } from './http/keys.js';
import { listen } from './http/server.js';
import { atMost } from './lib/atMost.js';
import { createFfmpeg } from './media/ffmpeg.js';
import { createIncomingMedia } from './media/incoming.js';
import { createLooks } from './media/looks.js';
import { createMedia } from './media/media.js';
import { createMediaServer } from './media/mediaServer.js';
import { createOutgoingMedia } from './media/outgoing.js';
import { createLinkPreviews } from './media/preview.js';
import { createMetrics } from './metrics.js';
import { createGuardedFetch } from './net/guardedFetch.js';
import { parsePrivateTargets } from './net/privateTargets.js';
import { createTargetGuard, systemResolver } from './net/targetGuard.js';
import { createOutbox, type RunningOutbox } from './outbox/outbox.js';
import { createReadiness } from './readiness.js';
import { createRetention } from './retention.js';
import { openDatabase, type Database, type OpenOptions } from './store/database/index.js';
import { VERSION } from './version.js';
import { createDispatcher } from './webhooks/dispatcher.js';
import { createEvents } from './webhooks/events.js';
import { createPublisher } from './webhooks/publisher.js';
import type { Publisher } from './webhooks/types.js';
import { createWebhooks } from './webhooks/webhooks.js';
import { trustRootKey } from './whatsapp/rootKey.js';
import { createSessions, type RunningSessions } from './whatsapp/sessions.js';
import { TIMING, type Timing } from './whatsapp/timing.js';

export interface GatewayOptions extends BasisOptions {
  /** Stands between those who publish events and the publisher; crash tests hold it at a chosen event. */
  aroundPublisher?: (publisher: Publisher) => Publisher;
  /** For tests that hold the disk. */
  database?: Pick<OpenOptions, 'aroundSync'>;
  /** What the WhatsApp side waits for; tests shorten it. */
  timing?: Partial<Timing>;
  /** How long a media link may take; tests shorten it. */
  linkTimeoutMs?: number;
}

export interface Gateway {
  /** Where the API listens. */
  url: string;
  /** The admin key, if this start made one. */
  newAdminKey: string | null;
  stop: () => Promise<void>;
}

/** Without a bell between processes, rows that another one wrote are found by looking. */
const POLL_MS = { embedded: 30_000, shared: 1_000 };
const STOP_GRACE_MS = 5_000;
const BYTES_PER_MB = 1024 * 1024;

/** Events and webhooks: the publisher that others write with, the dispatcher, and what HTTP offers of them. */
function buildWebhookSide(basis: Basis, linkTimeoutMs: number | undefined) {
  const { config, store, clock, random, logger } = basis;
  const privateTargets = parsePrivateTargets(config.privateTargets.join(','));
  const guard = createTargetGuard({ privateTargets, resolve: systemResolver });
  const outgoing = createGuardedFetch(guard);
  const dispatcher = createDispatcher({
    store,
    clock,
    random,
    log: logger,
    post: outgoing.post,
    version: VERSION,
  });
  const events = createEvents({ store, clock });
  const wake = (): void => {
    dispatcher.wake();
    events.wake();
  };
  const onCommitted = (withDeliveries: boolean): void => {
    if (withDeliveries) dispatcher.wake();
    events.wake();
  };
  const publisher = createPublisher({ clock, log: logger, onCommitted });
  const webhooks = createWebhooks({ store, clock, guard, randomBytes, wake });
  const folder = join(config.dataDir, 'media');
  const ffmpeg = createFfmpeg(clock);
  const media = createMedia({ store, clock, fetch: outgoing.fetch, ffmpeg, folder, linkTimeoutMs });
  const looks = createLooks(ffmpeg);
  const previews = createLinkPreviews({ clock, fetch: outgoing.fetch });
  const mediaServer = createMediaServer({ simulated: config.whatsappSimulated });
  const incoming = createIncomingMedia({
    server: mediaServer,
    folder,
    maxBytes: config.mediaMaxMb * BYTES_PER_MB,
  });
  const retention = createRetention({ ...basis, keeping: config, removeFile: incoming.discard });
  const offered = { events, webhooks, media, incoming, previews, looks };
  return { ...offered, dispatcher, publisher, mediaServer, retention, outgoing };
}

type WebhookSide = ReturnType<typeof buildWebhookSide>;

/** Sessions, outbox and ownership know one another only here. */
function buildMessaging(
  basis: Basis & { timing: Timing },
  publisher: Publisher,
  { media, previews, looks, incoming }: WebhookSide,
) {
  const { config, store, clock, random, logger, bell, embedded, owner, onError } = basis;
  const shared = {
    store,
    clock,
    bell,
    random,
    publisher,
    onError,
    pollMs: embedded ? POLL_MS.embedded : POLL_MS.shared,
  };
  const sessions: RunningSessions = createSessions({
    ...shared,
    logger,
    timing: basis.timing,
    media: createOutgoingMedia({ media, previews, looks }),
    incoming,
    publicUrl: basis.address.publicUrl,
    mediaWaitMs: config.mediaWaitSeconds * 1_000,
    owner,
    onReceipt: (sessionId, receipt) => outbox.receive(sessionId, receipt),
    onIncoming: (tx, event) => outbox.incoming(tx, event),
    messageKey: deriveKey(basis.key, 'message secrets'),
    whatsapp: { url: config.whatsappUrl ?? undefined },
    fenceOf: (sessionId) => ownership.fenceOf(sessionId),
    askOwner: (question) => commands.ask(question),
    pollOwnership: () => ownership.poll(),
    onRemoved: (sessionId) => {
      ownership.forget(sessionId);
      letGo(sessionId);
    },
  });
  const openLinkedFile = linkedFiles({ media });
  const around = { recipients: sessions, sender: sessions, openLinkedFile };
  const outbox: RunningOutbox = createOutbox({ ...shared, ...around });
  const letGo = (sessionId: string): void => {
    Promise.all([sessions.disown(sessionId), outbox.disown(sessionId)]).catch(onError);
  };
  const commands: Commands = createCommands({ ...shared, owner, answer: sessions.answer });
  const ownership: Ownership = createOwnership({
    store,
    clock,
    owner,
    embedded,
    onTaken: (fence) => {
      sessions.own(fence);
      outbox.own(fence);
    },
    onLost: ({ sessionId }) => letGo(sessionId),
    onError,
  });
  return { sessions, outbox, ownership, commands };
}

async function run(basis: Basis, options: GatewayOptions, database: Database): Promise<Gateway> {
  const { config, store, clock, logger } = basis;
  const webhookSide = buildWebhookSide(basis, options.linkTimeoutMs);
  const publisher = options.aroundPublisher?.(webhookSide.publisher) ?? webhookSide.publisher;
  const { sessions, outbox, ownership, commands } = buildMessaging(
    { ...basis, timing: { ...TIMING, ...options.timing } },
    publisher,
    webhookSide,
  );
  const keys = createKeys({ store: store.apiKeys, clock });
  const http = createApp({
    ...webhookSide,
    keys,
    sessions,
    outbox,
    logger,
    clock,
    metrics: createMetrics(store, clock),
    readiness: createReadiness(store),
    durable: store.durable,
    version: VERSION,
  });

  async function stopParts(): Promise<void> {
    basis.address.settle(config.port);
    await webhookSide.retention.stop();
    const sending = outbox.stop();
    await commands.stop();
    await atMost(clock, STOP_GRACE_MS, sending);
    // Closing the sockets ends the sends that still wait for an answer; they are repeated under their ids.
    await sessions.stop();
    await sending;
    await webhookSide.dispatcher.stop();
    await webhookSide.outgoing.close();
    await webhookSide.mediaServer.close();
    await ownership.stop();
    await database.close();
  }

  try {
    const { created } = await keys.ensureAdminKey(config.adminKey?.reveal() ?? null);
    await webhookSide.media.clean();
    await ownership.start();
    // Nobody else can own a session on the embedded database, and so nobody asks.
    if (!basis.embedded) commands.start();
    await webhookSide.dispatcher.start();
    outbox.startCampaigns();
    const server = await listen({ app: http.app, host: config.host, port: config.port });
    basis.address.settle(server.port);
    const host = config.host.includes(':') ? `[${config.host}]` : config.host;
    return {
      url: `http://${host}:${String(server.port)}`,
      newAdminKey: created,
      async stop() {
        http.drain();
        await server.close(STOP_GRACE_MS);
        await stopParts();
      },
    };
  } catch (error) {
    await stopParts();
    throw error;
  }
}

/**
 * Starts the gateway and resolves when it listens.
 * @throws Error when the database, its encryption key or the port cannot be had; nothing is left running
 */
export async function startGateway(config: Config, options: GatewayOptions): Promise<Gateway> {
  if (config.whatsappRootKey) trustRootKey(config.whatsappRootKey);
  const database = await openDatabase(config.databaseUrl.reveal(), {
    ...options.database,
    onError: (error) => options.logger.error({ err: error }, 'the database or a connection to it broke'),
  });
  let basis: Basis;
  try {
    basis = await openBasis(config, options, database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return run(basis, options, database);
}
