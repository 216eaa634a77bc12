// Everything around the checks: a simulated WhatsApp, a gateway that keeps its port and data over restarts, a real n8n
// with the packed nodes, and the credential that joins them. Used by run.mjs; each is a process of its own.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../../../bench/lib/gateway.mjs';
import { startSimulator } from '../../../bench/lib/simulator.mjs';
import { eventually } from './checks.mjs';
import { freePort, startN8n } from './n8n.mjs';
import { createWorkflows } from './workflows.mjs';

export const SESSION = 'shop';
export const PHONE = '4915550020001';
const CREDENTIAL_NAME = 'Sluice';

/** The gateway at a port that stays, with a key for n8n that stays. */
async function createGateway(simulator, n8nTarget) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-n8n-gateway-'));
  const caFile = join(folder, 'media-ca.pem');
  await writeFile(caFile, (await simulator.phone.server()).mediaCaPem);
  const env = {
    SLUICE_PORT: String(await freePort()),
    SLUICE_PRIVATE_TARGETS: n8nTarget,
    NODE_EXTRA_CA_CERTS: caFile,
  };
  const start = () => startGateway(simulator, { dataDir: folder, env });
  let running = await start();
  const { url } = running;
  return {
    url,
    call: (...args) => running.call(...args),
    key: async (role) => (await running.call('POST', '/v1/keys', { name: role, role })).key,
    stop: () => running.stop({ keepData: true }),
    kill9: () => running.kill9(),
    async start() {
      running = await start();
    },
    async remove() {
      await running.stop({ keepData: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A session that sends at once, but asks whether the recipient is on WhatsApp, linked to a simulated phone. */
async function connectSession({ gateway, phone }, { id, number }) {
  await phone.createPhone({ number, name: `Phone of ${id}` });
  const policy = { preset: 'unpaced', checkRecipient: true };
  await gateway.call('POST', '/v1/sessions', { id, policy });
  const { qr } = await gateway.call('GET', `/v1/sessions/${id}/qr?waitSeconds=30`);
  await phone.scan(number, qr);
  const { status } = await gateway.call('GET', `/v1/sessions/${id}?waitFor=connected&timeoutSeconds=30`);
  if (status !== 'connected') throw new Error(`the session ${id} is ${status}`);
}

/** The credential as the editor makes it. @returns what nodes refer to it by */
async function createCredential(n8n, credential) {
  const { id, name } = await n8n.rest('POST', '/credentials', { projectId: undefined, ...credential });
  return { id, name };
}

/**
 * Starts all of it, with one session connected and `contacts` people to write to.
 * @param installed what installedN8n() returned
 */
export async function openStage(installed, { contacts }) {
  const opened = [];
  const open = async (start, close) => {
    const started = await start;
    opened.unshift(() => started[close]());
    return started;
  };
  const close = async () => {
    for (const end of opened.splice(0)) await end();
  };
  process.once('SIGINT', () => void close().then(() => process.exit(130)));
  process.once('SIGTERM', () => void close().then(() => process.exit(143)));
  try {
    const simulator = await open(startSimulator(), 'stop');
    const n8n = await open(startN8n(installed), 'remove');
    const gateway = await open(createGateway(simulator, n8n.target), 'remove');
    return { ...(await furnish({ simulator, n8n, gateway }, contacts)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** People, a connected session and the credential, and what the checks ask of all of them. */
async function furnish({ simulator, n8n, gateway }, contacts) {
  const people = Array.from({ length: contacts }, (_, index) => String(4915551000001 + index));
  await simulator.phone.createContacts(people.map((number) => ({ number, name: `Contact ${number}` })));
  const connect = (session) => connectSession({ gateway, phone: simulator.phone }, session);
  await connect({ id: SESSION, number: PHONE });
  const key = await gateway.key('operator');
  const sluiceApi = await createCredential(n8n, {
    name: CREDENTIAL_NAME,
    type: 'sluiceApi',
    data: { baseUrl: gateway.url, apiKey: key },
  });
  return {
    simulator,
    phone: simulator.phone,
    n8n,
    gateway,
    people,
    key,
    connect,
    credentials: { sluiceApi },
    addCredential: (credential) => createCredential(n8n, credential),
    workflows: createWorkflows(n8n, { sluiceApi }),
    /** Waits until the gateway has `count` webhooks of this workflow, all ready for deliveries. */
    async registered(workflow, count = 1) {
      const { nodes } = await n8n.rest('GET', `/workflows/${workflow.id}`);
      const ids = [workflow.id, ...nodes.map(({ webhookId }) => webhookId).filter(Boolean)];
      const mine = async () => {
        const { data } = await gateway.call('GET', '/v1/webhooks?limit=100');
        const found = data.filter(({ url }) => ids.some((id) => url.includes(id)));
        if (found.length === count) return found;
        throw new Error(`${found.length} webhooks instead of ${count}`);
      };
      return await eventually(mine, { what: `${count} webhooks of ${workflow.name}` });
    },
    /** Waits until no delivery is under way any more. */
    async delivered() {
      const { data: hooks } = await gateway.call('GET', '/v1/webhooks?limit=100');
      const pending = async () => {
        for (const { id } of hooks) {
          const { data } = await gateway.call('GET', `/v1/webhooks/${id}/deliveries?state=pending`);
          if (data.length > 0) return false;
        }
        return true;
      };
      await eventually(pending, { timeoutMs: 300_000, what: 'every delivery made' });
    },
    /** Waits until the session has nothing left to send. */
    queueEmpty: (timeoutMs = 120_000) =>
      eventually(async () => (await gateway.call('GET', `/v1/sessions/${SESSION}`)).queue.size === 0, {
        timeoutMs,
        what: 'an empty queue',
      }),
    /** What recipients' phones show of texts that match: "number text", as often as it is shown. */
    async shown(pattern) {
      const seen = await simulator.phone.messages.list({ from: PHONE, device: 0 });
      return seen
        .filter(({ copy, displayed, text }) => !copy && displayed && pattern.test(text ?? ''))
        .map(({ to, text }) => `${to} ${text}`);
    },
  };
}
