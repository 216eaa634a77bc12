/**
 * A WhatsApp web server for tests and demos, with its control API. Both listen on loopback only.
 * Entry point for `sluice simulator`, the demo and tests; a real client needs nothing but the `url`.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createConnections } from './connections.js';
import { createControlApp } from './control/app.js';
import { admit, refuseWhileFaulty } from './faults/admission.js';
import { createFaults, type Faults } from './faults/faults.js';
import { createLogin } from './login/login.js';
import type { StanzaHandlers } from './login/session.js';
import { handleCall } from './calls.js';
import { handleMessage } from './messages/fromClient.js';
import { createPairing } from './pairing/pairing.js';
import { handleChatState, handlePresence } from './presence.js';
import { handleQuery } from './queries/router.js';
import { handleAck, handleReceipt } from './receipts/fromClient.js';
import { createChangeSignal } from './records/changeSignal.js';
import { createMediaHost, type MediaHost } from './media/mediaHost.js';
import { createTlsIdentity, type TlsIdentity } from './media/tlsIdentity.js';
import { createMetrics } from './records/metrics.js';
import { createRecords } from './records/records.js';
import { restoreDirectory, restoreGroups, type SavedState } from './state/savedState.js';
import { keepRecords } from './state/recordsFile.js';
import { keepState, loadState, type StateFile } from './state/stateFile.js';
import { createServerKeys } from './wire/certificate.js';
import { HANDSHAKE_TIMEOUT_MS } from './wire/channel.js';
import { CHAT_PATH, createListener } from './wire/listener.js';
import type { SimulatorLogger, World } from './world.js';

export interface SimulatorOptions {
  /** Port of the WhatsApp side; 0 (the default) takes any free one. */
  port?: number;
  /** Port of the control API; 0 (the default) takes any free one. */
  controlPort?: number;
  /** Port of the media host (HTTPS); 0 (the default) takes any free one. */
  mediaPort?: number;
  logger?: SimulatorLogger;
  /** Folder in which accounts, linked devices, keys, conversations and files survive a restart; by default nothing does. */
  stateDir?: string;
  /** Clients that do not finish the handshake in this time are cut off; 20 s by default. */
  handshakeTimeoutMs?: number;
}

export interface Simulator {
  /** For the client's `waWebSocketUrl`. */
  url: string;
  /** Base address of the control API, for `createSimulatorClient`. */
  controlUrl: string;
  /** The root that signs the server's certificates, 32 bytes in hex. */
  rootKeyHex: string;
  /** Certificate of the media host's authority, for `NODE_EXTRA_CA_CERTS`. */
  mediaCaPem: string;
  /** The shared state, for tests that run in the same process. */
  world: World;
  /** Cuts every connection and frees both ports. */
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const SILENT: SimulatorLogger = { debug: () => undefined, info: () => undefined, warn: () => undefined };

const HANDLERS: StanzaHandlers = {
  iq: handleQuery,
  message: handleMessage,
  receipt: handleReceipt,
  ack: handleAck,
  presence: handlePresence,
  chatstate: handleChatState,
  call: handleCall,
  // Telemetry of the client's session; the server only listens.
  ib: () => undefined,
};

/** Where clients have been told that files are, unless something else is asked for or that port is taken. */
async function openMediaHost(
  { mediaPort = 0, stateDir }: SimulatorOptions,
  saved: SavedState | undefined,
  parts: { identity: TlsIdentity; faults: Faults },
): Promise<MediaHost> {
  const directory = stateDir === undefined ? undefined : join(stateDir, 'media');
  const open = (port: number): Promise<MediaHost> =>
    createMediaHost({ ...parts, port, kept: { directory, expired: saved?.media?.expired } });
  const former = saved?.media?.port ?? 0;
  return mediaPort === 0 && former !== 0 ? open(former).catch(() => open(0)) : open(mediaPort);
}

async function createWorld(options: SimulatorOptions, saved: SavedState | undefined): Promise<World> {
  const changes = createChangeSignal();
  const faults = createFaults(changes);
  const tls = saved?.tls ?? createTlsIdentity();
  return {
    keys: createServerKeys(saved?.keys),
    tls,
    media: await openMediaHost(options, saved, { identity: tls, faults }),
    directory: restoreDirectory(saved?.accounts ?? []),
    groups: restoreGroups(saved?.groups ?? []),
    faults,
    records: createRecords(changes),
    changes,
    metrics: createMetrics(),
    logger: options.logger ?? SILENT,
    saved: () => Promise.resolve(),
  };
}

/** Keeps accounts, keys and records in the folder. */
async function keepWorld(world: World, directory: string): Promise<StateFile> {
  const kept = keepRecords(world.records, { directory, logger: world.logger });
  const recordsFile = await kept.catch(async (error: unknown) => {
    await world.media.close();
    throw error;
  });
  const stateFile = keepState(world, directory);
  const close = async (): Promise<void> => {
    await Promise.all([stateFile.close(), recordsFile.close()]);
  };
  return { save: () => stateFile.save(), close };
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve((server.address() as AddressInfo).port));
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Starts both sides. @throws when a port is taken. */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const saved = options.stateDir === undefined ? undefined : await loadState(options.stateDir);
  const world = await createWorld(options, saved);
  const stateFile = options.stateDir === undefined ? undefined : await keepWorld(world, options.stateDir);
  if (stateFile) world.saved = () => stateFile.save();
  const pairing = createPairing(world);
  const login = createLogin({ world, handlers: HANDLERS });
  const connections = createConnections({
    world,
    pairing,
    login,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
  });
  const listener = await createListener({
    port: options.port ?? 0,
    admit: () => admit(world.faults),
    onSocket: (socket) => connections.accept(socket),
  });
  refuseWhileFaulty(world.faults, listener, (error) => {
    world.logger.warn({ error }, 'the port of the simulator could not be opened again');
  });
  const url = `ws://${LOOPBACK}:${listener.port}${CHAT_PATH}`;
  const control = createServer(createControlApp({ world, pairing, connections, url: () => url }));
  // Never closed for being idle: a busy client would find its kept-alive connection gone at the next call.
  control.keepAliveTimeout = 0;
  const controlPort = await listen(control, options.controlPort ?? 0).catch(async (error: unknown) => {
    await listener.close();
    throw error;
  });
  return {
    url,
    controlUrl: `http://${LOOPBACK}:${controlPort}`,
    rootKeyHex: world.keys.rootKeyHex,
    mediaCaPem: world.tls.caPem,
    world,
    async stop() {
      await Promise.all([listener.close(), close(control), world.media.close()]);
      await stateFile?.close();
    },
  };
}
