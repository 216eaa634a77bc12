/**
 * The workflows of examples/, read and imported as a user does it. Used by the tests of examples.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Workflow } from 'n8n-workflow';

import { registerBaseNodes } from './baseNodes';
import { toWorkflow, type WorkflowParts } from './engine';

const FOLDER = join(__dirname, '../../../examples');
export const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

interface Example extends WorkflowParts {
  name: string;
}

export const read = (file: string): Example =>
  JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Example;

/** The workflow with our credential chosen, as the user does it after the import. */
export function imported(file: string): Workflow {
  const { nodes, connections } = read(file);
  registerBaseNodes(nodes);
  const chosen = nodes.map((own) =>
    own.type.startsWith('n8n-nodes-sluice.')
      ? { ...own, credentials: { sluiceApi: { id: '1', name: 'Sluice' } } }
      : own,
  );
  return toWorkflow({ nodes: chosen, connections });
}
