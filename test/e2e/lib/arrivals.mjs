// Messages that arrive in bursts, and a workflow that listens for them. Used by the checks in which something stops meanwhile.

import { PHONE } from './stage.mjs';
import { chain, node, sluice } from './workflows.mjs';

const PER_BURST = 10;
const WRITERS = 7;

/** On a machine that does much else n8n takes seconds for each call. */
export const SLOW_MS = 500_000;

/** Who writes the message with this number. */
export const writerOf = (people, index) => people[(index % PER_BURST) % WRITERS];

export function listener(name, prefix, options = {}) {
  const nodes = [
    sluice('Message', 'incomingMessageTrigger', {
      events: ['message.received'],
      filters: { textStartsWith: prefix },
      options,
    }),
    node('After', 'n8n-nodes-base.noOp'),
  ];
  return { name, nodes, connections: chain(...nodes) };
}

/** People write `count` messages, in bursts; `between` runs after each burst. @returns the texts */
export async function write(stage, { prefix, count, between = () => undefined }) {
  const texts = Array.from({ length: count }, (_, index) => `${prefix} ${index}`);
  for (let from = 0; from < count; from += PER_BURST) {
    const burst = texts.slice(from, from + PER_BURST);
    const messages = burst.map((text, index) => ({ from: writerOf(stage.people, index), text }));
    await stage.phone.sendManyTo(PHONE, messages);
    await between(from);
  }
  return texts;
}
