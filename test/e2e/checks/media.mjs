// Files both ways: what n8n reads from the disk is what the recipient's phone decrypts, and what a person sends is what the
// workflow gets as binary, byte for byte.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PHONE, SESSION } from '../lib/stage.mjs';
import { byId, chain, node, sluice } from '../lib/workflows.mjs';

const MEGABYTE = 1024 * 1024;

const readFileNode = (file) =>
  node('Read File', 'n8n-nodes-base.readWriteFile', { operation: 'read', fileSelector: file, options: {} });

/** Sends the file to the person and waits for its delivery. @returns the message */
async function send(stage, { file, to, kind }) {
  const nodes = [
    node('Run', 'n8n-nodes-base.manualTrigger'),
    readFileNode(file),
    sluice('Send', 'sendMedia', {
      session: byId(SESSION),
      to,
      mediaKind: kind,
      source: 'binary',
      options: { waitFor: 'delivered', waitSeconds: 30 },
    }),
  ];
  const workflow = await stage.workflows.create({
    name: `Send ${kind}`,
    nodes,
    connections: chain(...nodes),
  });
  const execution = await stage.workflows.run(workflow, 'Run');
  assert.equal(execution.status, 'success', execution.error?.message);
  return execution.json('Send')[0];
}

export async function media({ check, stage }) {
  const { phone, people, workflows, n8n } = stage;
  const [person] = people;
  const bytes = randomBytes(3 * MEGABYTE);
  const file = join(n8n.userFolder, 'contract.bin');
  await writeFile(file, bytes);

  await check('media out: a document of 3 MB arrives with identical bytes', async () => {
    const message = await send(stage, { file, to: `+${person}`, kind: 'document' });
    assert.equal(message.status, 'delivered');
    const { bytes: seen } = await phone.mediaOf(person, message.waId);
    assert.ok(seen.equals(bytes), `${seen.length} bytes instead of ${bytes.length}`);
    const [arrival] = await phone.messages.list({ to: person, waId: message.waId });
    assert.equal(arrival.message.documentMessage.fileName, 'contract.bin');
  });

  await check('media in: a document of 3 MB is in the workflow with identical bytes', async () => {
    const nodes = [
      sluice('Message', 'incomingMessageTrigger', {
        events: ['message.received'],
        options: { downloadMedia: true },
      }),
      node('After', 'n8n-nodes-base.noOp'),
    ];
    const workflow = await workflows.create({ name: 'Media in', nodes, connections: chain(...nodes) });
    await workflows.activate(workflow);
    await stage.registered(workflow);
    await phone.sendTo(PHONE, {
      from: person,
      content: {
        kind: 'media',
        media: 'document',
        base64: bytes.toString('base64'),
        mimetype: 'application/octet-stream',
        fileName: 'answer.bin',
      },
    });
    const [execution] = await workflows.ended(workflow, 1);
    await workflows.deactivate(workflow);
    const [item] = execution.items('After');
    assert.equal(item.json.mediaError, undefined);
    assert.equal(item.binary?.data?.fileName, 'answer.bin', JSON.stringify(item.json));
    assert.ok((await n8n.file(item.binary.data)).equals(bytes));
  });
}
