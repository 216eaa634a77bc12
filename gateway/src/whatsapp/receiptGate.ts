/**
 * Keeps a receipt before WhatsApp hears that it arrived. Baileys acknowledges receipts as it reads them; a crash between
 * that and our commit would leave a message that was read as merely sent for ever. What is not kept comes again at the
 * next login. Of a receipt for a message of ours Baileys would do nothing else but tell of it, which nobody here hears;
 * all others go on to it. One per socket, used by `session`.
 */
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Receipt } from './receipts.js';

const RECEIPT = 'CB:receipt';

type Handler = (node: BinaryNode) => void;

export interface ReceiptGateDeps {
  ws: Pick<WASocket['ws'], 'on' | 'listeners' | 'removeAllListeners'>;
  /** What a stanza says of messages of ours; null: nothing, as a request to send again. */
  read: (node: BinaryNode) => Receipt | null;
  /** Resolves when it is durable. */
  keep: (receipt: Receipt) => Promise<void>;
  /** Tells WhatsApp that it has arrived. */
  acknowledge: (node: BinaryNode) => void;
  onKept: (receipt: Receipt) => void;
  onError: (error: unknown) => void;
}

export interface ReceiptGate {
  /** Resolves when everything that has come in is kept, or could not be. */
  kept: () => Promise<void>;
}

/** Steps between the socket and Baileys' handlers, which must be there already. */
export function gateReceipts(deps: ReceiptGateDeps): ReceiptGate {
  const { ws, read, keep, acknowledge, onKept, onError } = deps;
  const handlers = ws.listeners(RECEIPT) as Handler[];
  const keeping = new Set<Promise<void>>();
  const pass = (node: BinaryNode): void => {
    for (const handle of handlers) handle(node);
  };

  async function keepFirst(receipt: Receipt, node: BinaryNode): Promise<void> {
    try {
      await keep(receipt);
    } catch (error) {
      onError(error);
      return;
    }
    onKept(receipt);
    acknowledge(node);
  }

  ws.removeAllListeners(RECEIPT);
  ws.on(RECEIPT, (node: BinaryNode) => {
    const receipt = read(node);
    if (!receipt) {
      pass(node);
      return;
    }
    const work = keepFirst(receipt, node).finally(() => keeping.delete(work));
    keeping.add(work);
  });

  return {
    async kept() {
      await Promise.all(keeping);
    },
  };
}
