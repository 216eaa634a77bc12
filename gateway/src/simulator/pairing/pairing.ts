/**
 * Pairing: offers QR references to unpaired clients, and links a client to an account when its code was scanned.
 * The client then has to log in on a new connection, as the 515 at the end tells it.
 */
import { randomBytes } from 'node:crypto';
import { type BinaryNode } from '@whiskeysockets/baileys';
import { jidOf } from '../directory/address.js';
import { announceDevice } from '../directory/changes.js';
import { createLinkedDevice, type DeviceConnection, type DeviceRegistration } from '../directory/devices.js';
import { phoneOf, takeDeviceId, type Account } from '../directory/directory.js';
import type { Phase } from '../login/phase.js';
import type { ClientHandshake } from '../wire/channel.js';
import { childBytes, childOf, node, SERVER_JID, stanzaTime } from '../wire/nodes.js';
import type { World } from '../world.js';
import { exchangeByCode, takeCodeQuery, type CodeRequest } from './linkCode.js';
import { isSignedByClient, issuePapers } from './deviceIdentity.js';
import { parseQrText } from './qrText.js';
import { readRegistration } from './registration.js';

/** As many as the real server offers: 60 s for the first and 20 s for each later one. */
const REFERENCE_COUNT = 6;
const ANSWER_TIMEOUT_MS = 10_000;

export interface PairedDevice {
  number: string;
  device: number;
  jid: string;
  lid: string;
}

export type PairingRefusal =
  'not_a_qr' | 'unknown_ref' | 'wrong_keys' | 'no_code' | 'wrong_code' | 'no_answer' | 'bad_signature';
export type PairingResult = { paired: PairedDevice } | { refused: PairingRefusal };

/** A client that shows QR codes right now. */
export interface WaitingClient {
  refs: string[];
  registration: DeviceRegistration;
  connection: DeviceConnection;
  /** The code that it shows at the moment, if somebody has said so: the server knows only a part of it. */
  shown: { qr: string; label: string } | undefined;
  /** Set once the client shows a code instead. */
  codeRequest: CodeRequest | undefined;
  /** Sends a query to the client and waits for its answer; undefined when none comes. */
  ask(tag: string, content: BinaryNode[]): Promise<BinaryNode | undefined>;
}

export interface Pairing {
  start(connection: DeviceConnection, handshake: ClientHandshake): Phase;
  /** What the phone of `account` does when its camera sees this text. */
  scan(account: Account, qrText: string): Promise<PairingResult>;
  /** What it does when its owner types the code that a client shows for this number. */
  enterCode(account: Account, code: string): Promise<PairingResult>;
  /** Puts a code in front of every phone's camera, with the name of whoever shows it. */
  show(code: { qr: string; label: string }): PairingRefusal | undefined;
  waiting(): WaitingClient[];
}

function createClient(registration: DeviceRegistration, connection: DeviceConnection) {
  const answers = new Map<string, (answer: BinaryNode | undefined) => void>();
  let nextId = 1;
  const client: WaitingClient = {
    refs: Array.from({ length: REFERENCE_COUNT }, () => `2@${randomBytes(48).toString('base64')}`),
    registration,
    connection,
    shown: undefined,
    codeRequest: undefined,
    ask: (tag, content) =>
      new Promise((resolve) => {
        const id = `pair-${nextId++}`;
        const timer = setTimeout(() => settle(undefined), ANSWER_TIMEOUT_MS);
        const settle = (answer: BinaryNode | undefined): void => {
          clearTimeout(timer);
          answers.delete(id);
          resolve(answer);
        };
        answers.set(id, settle);
        const attrs = { from: SERVER_JID, type: 'set', id, xmlns: 'md', t: stanzaTime() };
        connection.send(node('iq', attrs, [node(tag, {}, content)]));
      }),
  };
  return {
    client,
    settle: (id: string | undefined, answer: BinaryNode): void => answers.get(id ?? '')?.(answer),
    abandon: (): void => {
      for (const settle of [...answers.values()]) settle(undefined);
    },
  };
}

/** Links the client to the account and sends it away to log in. Also the end of pairing by code. */
async function linkClient(
  { world, client }: { world: World; client: WaitingClient },
  account: Account,
  advSecret: Buffer,
): Promise<PairingResult> {
  const phone = phoneOf(account).signal.identity;
  const id = takeDeviceId(account);
  const { identity } = client.registration;
  const papers = issuePapers(phone, { identity, advSecret, keyIndex: id });
  const paired = {
    number: account.number,
    device: id,
    jid: jidOf(account, 'pn', id),
    lid: jidOf(account, 'lid', id),
  };
  const answer = await client.ask('pair-success', [
    node('device-identity', {}, papers.encoded),
    node('device', { jid: paired.jid, lid: paired.lid }),
    node('platform', { name: 'android' }),
  ]);
  const signed = answer && childBytes(childOf(answer, 'pair-device-sign'), 'device-identity');
  if (!signed) return { refused: 'no_answer' };
  if (!isSignedByClient(signed, papers, { phone, client: identity })) {
    world.records.flag('bad_signature', 'the client signed its papers wrongly', account.number);
    return { refused: 'bad_signature' };
  }
  account.devices.set(id, createLinkedDevice(id, client.registration));
  announceDevice(world, account, { change: 'add', id });
  world.metrics.count('pairings');
  world.changes.notify();
  // A client that believes itself linked must find itself linked, even if the simulator dies now.
  await world.saved();
  client.connection.send(node('stream:error', { code: 515 }));
  client.connection.close();
  return { paired };
}

/** A connection that has no account yet, until it is linked or ends. */
function offerCodes(
  world: World,
  waiting: Set<WaitingClient>,
  { client, settle, abandon }: ReturnType<typeof createClient>,
): Phase {
  waiting.add(client);
  world.changes.notify();
  void client.ask(
    'pair-device',
    client.refs.map((ref) => node('ref', {}, Buffer.from(ref))),
  );
  return {
    onNode(stanza) {
      const { id, type, xmlns } = stanza.attrs;
      if (stanza.tag !== 'iq') return;
      if (type === 'result') settle(id, stanza);
      else if (takeCodeQuery(client, stanza)) world.changes.notify();
      else if (xmlns === 'w:p') client.connection.send(node('iq', { id, from: SERVER_JID, type: 'result' }));
      else world.records.flag('unanswered_query', `${xmlns ?? ''} ${type ?? ''} before the login`);
    },
    onClose() {
      abandon();
      waiting.delete(client);
      world.changes.notify();
    },
  };
}

/** The pairing desk of one simulator. */
export function createPairing(world: World): Pairing {
  const waiting = new Set<WaitingClient>();
  const byRef = (ref: string): WaitingClient | undefined =>
    [...waiting].find(({ refs }) => refs.includes(ref));

  return {
    waiting: () => [...waiting],
    start(connection, handshake) {
      const registration = readRegistration(handshake);
      if ('reason' in registration) {
        world.records.flag('bad_signature', registration.reason);
        connection.send(node('failure', { reason: 400, location: 'sim' }));
        connection.close();
        return { onNode: () => undefined, onClose: () => undefined };
      }
      return offerCodes(world, waiting, createClient(registration, connection));
    },
    show({ qr, label }) {
      const fields = parseQrText(qr);
      if (!fields) return 'not_a_qr';
      const client = byRef(fields.ref);
      if (!client) return 'unknown_ref';
      client.shown = { qr, label };
      world.changes.notify();
      return undefined;
    },
    async scan(account, qrText) {
      const fields = parseQrText(qrText);
      if (!fields) return { refused: 'not_a_qr' };
      const client = byRef(fields.ref);
      if (!client) return { refused: 'unknown_ref' };
      const { noiseKey, identity } = client.registration;
      if (!noiseKey.equals(fields.noiseKey) || !identity.equals(fields.identity))
        return { refused: 'wrong_keys' };
      // A code can be scanned once.
      waiting.delete(client);
      return linkClient({ world, client }, account, fields.advSecret);
    },
    async enterCode(account, code) {
      const client = [...waiting].findLast(({ codeRequest }) => codeRequest?.number === account.number);
      const codeRequest = client?.codeRequest;
      if (!client || !codeRequest) return { refused: 'no_code' };
      const exchanged = await exchangeByCode({ ...client, codeRequest }, account, code);
      if ('refused' in exchanged) return exchanged;
      waiting.delete(client);
      return linkClient({ world, client }, account, exchanged.advSecret);
    },
  };
}
