/**
 * What a soak of sending comes to: everything is shown once and in order on the recipients' phones, and known as delivered.
 * A text names its session, its chat and its place there: `3/1/0042`. Used by sending and takeover.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** What the first phone of each of these numbers shows, in the order in which it appeared. */
async function shown(phone, chats) {
  const lists = await Promise.all(chats.map((to) => phone.messages.list({ to, device: 0 })));
  return lists.flat().filter(({ displayed }) => displayed);
}

function judge(texts, messages) {
  const different = new Set(texts).size;
  const last = new Map();
  let disordered = 0;
  for (const text of texts) {
    const [session, chat, count] = text.split('/');
    const line = `${session}/${chat}`;
    if (Number(count) < (last.get(line) ?? -1)) disordered += 1;
    last.set(line, Number(count));
  }
  return { lost: messages - different, disordered, twice: texts.length - different };
}

async function statusCounts(gateway, sessionIds) {
  const counts = {};
  for (const sessionId of sessionIds) {
    const { data } = await gateway.call('GET', `/v1/messages?sessionId=${sessionId}&limit=200`);
    for (const { status } of data) counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** Waits until every message has come to its end, and throws unless all of them have come to the right one. */
export async function expectAllDelivered({ gateway, phone, sessionIds, chats, messages, giveUpMs, say }) {
  const until = Date.now() + giveUpMs;
  let counts = await statusCounts(gateway, sessionIds);
  while ((counts.delivered ?? 0) + (counts.failed ?? 0) < messages && Date.now() < until) {
    await pause(1_000);
    counts = await statusCounts(gateway, sessionIds);
  }
  const seen = await shown(phone, chats);
  const verdict = judge(
    seen.map(({ text }) => text),
    messages,
  );
  say(`statuses ${JSON.stringify(counts)}; ${JSON.stringify(verdict)}`);
  assert.deepEqual(verdict, { lost: 0, disordered: 0, twice: 0 });
  assert.deepEqual(counts, { delivered: messages }, 'what arrived is not shown as delivered');
  assert.deepEqual(await phone.errors.list(), []);
}
