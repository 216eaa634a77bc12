/**
 * What WhatsApp hears of a receipt: nothing before it is durable, and nothing at all when it could not be kept.
 */
import { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { gateReceipts, type ReceiptGateDeps } from '../../../gateway/src/whatsapp/receiptGate.js';
import { readReceipt } from '../../../gateway/src/whatsapp/receipts.js';

const FROM = '4915112345678@s.whatsapp.net';
const receipt = (attrs: Record<string, string> = {}): BinaryNode => ({
  tag: 'receipt',
  attrs: { id: 'A', from: FROM, ...attrs },
});

/** A socket, and what its client is given. */
function stage(keep: ReceiptGateDeps['keep']) {
  const ws = new EventEmitter();
  const acknowledged: BinaryNode[] = [];
  const given: BinaryNode[] = [];
  const kept: string[][] = [];
  const errors: unknown[] = [];
  ws.on('CB:receipt', (node: BinaryNode) => given.push(node));
  const gate = gateReceipts({
    ws: ws as unknown as ReceiptGateDeps['ws'],
    read: (node) => readReceipt(node, []),
    keep,
    acknowledge: (node) => acknowledged.push(node),
    onKept: ({ waIds }) => kept.push(waIds),
    onError: (error) => errors.push(error),
  });
  return { ws, gate, acknowledged, given, kept, errors };
}

test('it is acknowledged when it is durable, and not before', async () => {
  let finish = (): void => undefined;
  const { ws, gate, acknowledged, kept } = stage(() => new Promise<void>((resolve) => (finish = resolve)));
  ws.emit('CB:receipt', receipt());
  await Promise.resolve();
  expect(acknowledged).toEqual([]);
  finish();
  await gate.kept();
  expect(acknowledged).toEqual([receipt()]);
  expect(kept).toEqual([['A']]);
});

test('one that could not be kept is not acknowledged, so that it comes again', async () => {
  const { ws, gate, acknowledged, kept, errors } = stage(() => Promise.reject(new Error('the disk is full')));
  ws.emit('CB:receipt', receipt());
  await gate.kept();
  expect([acknowledged, kept]).toEqual([[], []]);
  expect(errors).toHaveLength(1);
});

test('a request to send again goes to the client at once', () => {
  const { ws, acknowledged, given } = stage(() => new Promise(() => undefined));
  ws.emit('CB:receipt', receipt({ type: 'retry' }));
  expect([acknowledged, given]).toEqual([[], [receipt({ type: 'retry' })]]);
});
