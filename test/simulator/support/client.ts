/**
 * The real client, unmodified, against a simulator: connects, remembers what it emitted, waits by condition.
 */
import {
  makeWASocket,
  type AuthenticationState,
  type BinaryNode,
  type ConnectionState,
  type UserFacingSocketConfig,
  type WAMessage,
  type WAMessageUpdate,
  type WASocket,
} from '@whiskeysockets/baileys';
import { pino } from 'pino';
import type { SimulatorClient } from '../../../gateway/src/simulator/client.js';
import { createMemoryAuth } from './memoryAuth.js';

const WAIT_MS = 30_000;

export interface TestClient {
  socket: WASocket;
  auth: AuthenticationState;
  /** Messages that the application was given, oldest first. */
  messages: (WAMessage & { upsertType: string })[];
  updates: WAMessageUpdate[];
  connectionUpdates: Partial<ConnectionState>[];
  acks: BinaryNode[];
  /** Waits until `check` gives something defined. @throws when the time is up first. */
  waitFor<T>(what: string, check: () => T | undefined): Promise<T>;
  /** The code with which the connection ended. */
  closed(): Promise<number>;
  /** Ends the connection on purpose and waits for its end. */
  end(): Promise<void>;
}

export type ClientConfig = Partial<UserFacingSocketConfig>;

function createWaiting() {
  const waiters = new Set<() => void>();
  return {
    wake: (): void => {
      for (const waiter of [...waiters]) waiter();
    },
    waitFor: <T>(what: string, check: () => T | undefined): Promise<T> =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          waiters.delete(look);
        };
        const look = (): void => {
          const found = check();
          if (found === undefined) return;
          stop();
          resolve(found);
        };
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`the client waited ${WAIT_MS} ms for ${what}`));
        }, WAIT_MS);
        waiters.add(look);
        look();
      }),
  };
}

/** Starts one socket. Sockets are for one connection only: reconnect by calling this again with the same `auth`. */
export function connectClient(url: string, auth = createMemoryAuth(), config: ClientConfig = {}): TestClient {
  const socket = makeWASocket({
    waWebSocketUrl: url,
    auth,
    logger: pino({ level: 'silent' }),
    defaultQueryTimeoutMs: 10_000,
    markOnlineOnConnect: false,
    ...config,
  });
  const { wake, waitFor } = createWaiting();
  const client: TestClient = {
    socket,
    auth,
    messages: [],
    updates: [],
    connectionUpdates: [],
    acks: [],
    waitFor,
    closed: () =>
      waitFor('the end of the connection', () => {
        const last = client.connectionUpdates.find(({ connection }) => connection === 'close');
        if (!last) return undefined;
        const { error } = last.lastDisconnect ?? {};
        return (error as { output?: { statusCode: number } } | undefined)?.output?.statusCode ?? 0;
      }),
    async end() {
      await socket.end(undefined);
      await client.closed();
    },
  };
  socket.ev.process((events) => {
    const update = events['connection.update'];
    if (update) client.connectionUpdates.push(update);
    const upsert = events['messages.upsert'];
    if (upsert)
      client.messages.push(...upsert.messages.map((message) => ({ ...message, upsertType: upsert.type })));
    client.updates.push(...(events['messages.update'] ?? []));
    wake();
  });
  socket.ws.on('CB:ack,class:message', (ack: BinaryNode) => {
    client.acks.push(ack);
    wake();
  });
  return client;
}

/** The newest QR code that the client shows. */
export const shownQr = (client: TestClient): Promise<string> =>
  client.waitFor('a QR code', () => client.connectionUpdates.findLast(({ qr }) => qr !== undefined)?.qr);

/** Waits until the connection is open and the first sync is over, so that events flow. */
export async function opened(client: TestClient): Promise<TestClient> {
  await client.waitFor('an open connection', () =>
    client.connectionUpdates.find(({ connection }) => connection === 'open'),
  );
  await client.waitFor('the end of the offline queue', () =>
    client.connectionUpdates.find(({ receivedPendingNotifications }) => receivedPendingNotifications),
  );
  await client.waitFor('the end of the first sync', () =>
    client.auth.creds.accountSyncCounter > 0 ? true : undefined,
  );
  return client;
}

/** Pairs a new client with a phone by QR code and returns it connected. */
export async function pairClient(
  target: { url: string; control: SimulatorClient; number: string },
  config: ClientConfig = {},
): Promise<TestClient> {
  const first = connectClient(target.url, createMemoryAuth(), config);
  await target.control.scan(target.number, await shownQr(first));
  await first.closed();
  return opened(connectClient(target.url, first.auth, config));
}

/** Text of a message that the application was given. */
export const bodyOf = ({ message }: WAMessage): string | undefined =>
  message?.conversation ?? message?.extendedTextMessage?.text ?? undefined;

/** Waits for a message with that text. */
export const received = (client: TestClient, text: string): Promise<WAMessage & { upsertType: string }> =>
  client.waitFor(`the message "${text}"`, () => client.messages.find((message) => bodyOf(message) === text));
