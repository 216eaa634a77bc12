/**
 * All open connections: each goes through the handshake and then to the pairing desk or the login desk.
 */
import type { WebSocket } from 'ws';
import type { DeviceConnection } from './directory/devices.js';
import { createGate } from './faults/gate.js';
import type { Login } from './login/login.js';
import type { Phase } from './login/phase.js';
import type { Pairing } from './pairing/pairing.js';
import { createChannel, type Channel, type ClientHandshake } from './wire/channel.js';
import type { World } from './world.js';

export interface ConnectionsDeps {
  world: World;
  pairing: Pairing;
  login: Login;
  handshakeTimeoutMs: number;
}

export interface OpenConnection {
  id: string;
  /** Number of the session's phone; null before and during pairing. */
  session: string | null;
  device: number | null;
  openedAt: string;
  connection: DeviceConnection;
}

export interface Connections {
  accept(socket: WebSocket): void;
  list(): OpenConnection[];
}

/** No connections at first. */
export function createConnections({
  world,
  pairing,
  login,
  handshakeTimeoutMs,
}: ConnectionsDeps): Connections {
  const open = new Map<string, OpenConnection>();
  let nextId = 1;

  const enter = (entry: OpenConnection, handshake: ClientHandshake): Phase => {
    if (handshake.payload.devicePairingData) return pairing.start(entry.connection, handshake);
    entry.session = String(handshake.payload.username ?? '');
    entry.device = handshake.payload.device ?? 0;
    return login.start(entry.connection, handshake);
  };

  return {
    list: () => [...open.values()],
    accept(socket) {
      // Upgraded, and then silence: the client waits for a server hello that never comes.
      if (world.faults.take('hang_handshake')) return void socket.on('error', () => socket.terminate());
      const id = `connection-${nextId++}`;
      let phase: Phase | undefined;
      const channel: Channel = createChannel({
        socket,
        keys: world.keys,
        handshakeTimeoutMs,
        gate: createGate(world.faults, () => entry.session ?? undefined),
        onHandshake: (handshake) => {
          phase = enter(entry, handshake);
        },
        onNode: (stanza) => phase?.onNode(stanza),
        onMalformed: (reason) => {
          world.metrics.count('malformedConnections');
          world.logger.debug({ connection: id, reason }, 'a connection sent garbage and was cut');
        },
        onClose: () => {
          open.delete(id);
          phase?.onClose();
        },
      });
      const connection: DeviceConnection = {
        id,
        send(stanza) {
          world.metrics.count('stanzasOut');
          channel.send(stanza);
        },
        close: () => channel.close(),
        reset: () => channel.reset(),
        isOpen: () => channel.isOpen(),
      };
      const entry: OpenConnection = {
        id,
        session: null,
        device: null,
        openedAt: new Date().toISOString(),
        connection,
      };
      open.set(id, entry);
      world.metrics.count('connections');
    },
  };
}
