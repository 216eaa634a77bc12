// Workflows in the real n8n, over the REST API that the editor uses: made by code or imported from examples/, run by hand,
// activated, and their executions read. Used by the checks.

import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { eventually } from './checks.mjs';
import { repository } from './install.mjs';

const PACKAGE = 'n8n-nodes-sluice';
/** The most that n8n gives at once. */
const PAGE = 100;
const ENDED = new Set(['success', 'error', 'crashed', 'canceled']);

let row = 0;

/** A node of a workflow; those of our package get the credential. */
export function node(name, type, parameters = {}, more = {}) {
  return { id: randomUUID(), name, type, typeVersion: 1, position: [(row += 220), 0], parameters, ...more };
}

/** One of our four nodes. */
export const sluice = (name, type, parameters = {}, more = {}) =>
  node(name, `${PACKAGE}.${type}`, parameters, more);

/** A session named by its ID, as the field wants it. */
export const byId = (value) => ({ __rl: true, mode: 'id', value });

/** The connections of nodes in a row. */
export function chain(...nodes) {
  const pairs = nodes.slice(0, -1).map((from, index) => [from.name, nodes[index + 1].name]);
  return Object.fromEntries(pairs.map(([from, to]) => [from, { main: [[link(to)]] }]));
}

const link = (name, type = 'main') => ({ node: name, type, index: 0 });

/** Joins sub-nodes (model, memory, tool) to their agent. */
export const attach = (child, type, parent) => ({ [child.name]: { [type]: [[link(parent.name, type)]] } });

/** A workflow of examples/, changed by `change`, with the credentials that its nodes ask for. */
export async function example(file, change = () => undefined) {
  const workflow = JSON.parse(await readFile(join(repository, 'examples', file), 'utf8'));
  const find = (name) => {
    const found = workflow.nodes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${file} has no node "${name}"`);
    return found;
  };
  change(find, workflow);
  return { name: workflow.name, nodes: workflow.nodes, connections: workflow.connections };
}

/** The items of a node in an execution, run by run. */
const itemsOf = (data, name) => (data.resultData.runData[name] ?? []).map((one) => one.data?.main?.[0] ?? []);

/** An execution as the checks look at it. */
function viewOf(execution, data) {
  return {
    id: execution.id,
    status: execution.status,
    mode: execution.mode,
    /** All items that the node gave, of all its runs. */
    items: (name) => itemsOf(data, name).flat(),
    json: (name) =>
      itemsOf(data, name)
        .flat()
        .map(({ json }) => json),
    error: data.resultData.error,
    /** The error of one node that the execution went on after. */
    errorOf: (name) => data.resultData.runData[name]?.[0]?.error,
    data,
  };
}

/** @param n8n what startN8n() returned; @param credentials those that our nodes use */
export function createWorkflows(n8n, credentials) {
  const { rest, flatted } = n8n;
  const withCredentials = (one) =>
    one.type.startsWith(`${PACKAGE}.`) && one.credentials === undefined ? { ...one, credentials } : one;

  const read = async (id) => {
    const execution = await rest('GET', `/executions/${id}`);
    const data = typeof execution.data === 'string' ? flatted.parse(execution.data) : execution.data;
    return viewOf(execution, data);
  };

  const finished = (id, { timeoutMs = 120_000, until = (one) => ENDED.has(one.status) } = {}) =>
    eventually(
      async () => {
        const execution = await read(id);
        if (until(execution)) return execution;
        const { message } = execution.error ?? {};
        throw new Error(`it is ${execution.status} ${message ?? ''}`);
      },
      { timeoutMs, what: `execution ${id}` },
    );

  const settled = (workflow, wanted) =>
    eventually(
      async () => {
        const { status, triggers } = await rest('GET', `/workflows/${workflow.id}/publication-status`);
        if (status === wanted) return true;
        throw new Error(
          `it is ${status} ${triggers.map(({ errorMessage }) => errorMessage ?? '').join(' ')}`,
        );
      },
      { timeoutMs: 60_000, what: `${workflow.name} being ${wanted}` },
    );

  return {
    credentials,
    read,
    finished,
    async create({ name = 'Workflow', nodes, connections, settings = {}, pinData }) {
      const body = {
        name,
        nodes: nodes.map(withCredentials),
        connections,
        settings: { executionOrder: 'v1', ...settings },
        ...(pinData === undefined ? {} : { pinData }),
      };
      return await rest('POST', '/workflows', body);
    },
    /** Runs by hand from the node, as the editor does, and waits for the end. */
    async run(workflow, start, wait = {}) {
      const body = { workflowData: workflow, triggerToStartFrom: { name: start } };
      const { executionId } = await rest('POST', `/workflows/${workflow.id}/run`, body);
      return await finished(executionId, wait);
    },
    /** Listens for a test event, as the editor does. */
    async listen(workflow, trigger) {
      const body = { workflowData: workflow, triggerToStartFrom: { name: trigger } };
      return await rest('POST', `/workflows/${workflow.id}/run`, body);
    },
    /** Both come back once n8n has run the triggers' hooks, which it does after its answer. */
    async activate(workflow) {
      const { versionId } = await rest('GET', `/workflows/${workflow.id}`);
      await rest('POST', `/workflows/${workflow.id}/activate`, { versionId });
      await settled(workflow, 'published');
    },
    async deactivate(workflow) {
      await rest('POST', `/workflows/${workflow.id}/deactivate`);
      await settled(workflow, 'not_published');
    },
    /** All executions of a workflow, newest first, without their data. */
    async executions(workflow) {
      const filter = encodeURIComponent(JSON.stringify({ workflowId: workflow.id }));
      const all = [];
      let cursor = '';
      do {
        const page = await rest('GET', `/executions?filter=${filter}&limit=${PAGE}${cursor}`);
        all.push(...page.results);
        cursor = page.nextCursor === null ? undefined : `&cursor=${encodeURIComponent(page.nextCursor)}`;
      } while (cursor !== undefined);
      return all;
    },
    /** Waits until so many executions have ended, and reads them. */
    async ended(workflow, count, timeoutMs = 60_000) {
      const list = async () => {
        const found = (await this.executions(workflow)).filter(({ status }) => ENDED.has(status));
        return found.length >= count && found;
      };
      const found = await eventually(list, { timeoutMs, what: `${count} executions` });
      return await Promise.all(found.map(({ id }) => read(id)));
    },
  };
}
