/**
 * Hands incoming messages, calls and group changes to Baileys one after another, in the order in which WhatsApp sent
 * them, and each only when what must not be lost of it is kept. Left to itself rc14 works on the backlog of a
 * reconnect and on new messages side by side, so that new ones overtake old ones. One per socket, used by `session`.
 */
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../lib/clock.js';

type Handler = (node: BinaryNode) => unknown;

export interface LaneDeps {
  ws: Pick<WASocket['ws'], 'listeners' | 'removeAllListeners' | 'on' | 'isOpen'>;
  clock: Clock;
  /** Resolves when what the stanza says beside ciphertext is durable. A failure must end the socket before an ack. */
  keep: (node: BinaryNode) => Promise<void>;
  onError: (error: unknown) => void;
}

export interface Lane {
  /** Since when the stanza in hand is being dealt with, milliseconds since 1970; null: none is. */
  busySince: () => number | null;
}

interface Waiting {
  node: BinaryNode;
  handlers: Handler[];
}

const EVENTS = ['CB:message', 'CB:call', 'CB:notification'];

/** Other notifications (keys, devices) become no events, and may take as long as they like. */
const isOrdered = ({ tag, attrs }: BinaryNode): boolean => tag !== 'notification' || attrs.type === 'w:gp2';

/**
 * rc14 would put a stanza with this mark into a queue of its own and return at once. What it means for the event is
 * read from the stanza before (see inbox), and Baileys' own events are not used.
 */
function withoutOfflineMark(node: BinaryNode): BinaryNode {
  const attrs = { ...node.attrs };
  delete attrs.offline;
  return { ...node, attrs };
}

export function createLane({ ws, clock, keep, onError }: LaneDeps): Lane {
  const waiting: Waiting[] = [];
  let busySince: number | null = null;

  async function handle({ node, handlers }: Waiting): Promise<void> {
    await keep(node);
    for (const handler of handlers) await handler(withoutOfflineMark(node));
  }

  async function run(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      // What a closed socket brought is not acknowledged and comes again.
      if (!ws.isOpen) continue;
      busySince = clock.now();
      await handle(next).catch(onError);
    }
    busySince = null;
  }

  function takeOver(event: string): void {
    const handlers = ws.listeners(event) as Handler[];
    ws.removeAllListeners(event);
    ws.on(event, (node: BinaryNode) => {
      if (!isOrdered(node)) {
        for (const handler of handlers) handler(node);
        return;
      }
      waiting.push({ node, handlers });
      if (busySince !== null) return;
      busySince = clock.now();
      run().catch(onError);
    });
  }

  for (const event of EVENTS) takeOver(event);
  return { busySince: () => busySince };
}
