/**
 * Asks WhatsApp which numbers exist. Numbers that are asked for at the same time share a question, so that a list of
 * thousands costs dozens of them. One per socket; used by recipients, which keeps the answers.
 */
import { bareJid, splitJid } from '../domain/address.js';
import type { WhatsAppSession } from './session.js';

/** Numbers in one question. */
const AT_ONCE = 50;
/** Digits at the end that two ways of writing one number share at the least. */
const ALIKE = 8;

/** What WhatsApp says of a number; both null: it is not there. */
export interface Told {
  jid: string | null;
  lid: string | null;
}

/** Null: WhatsApp did not answer. */
export type AskNumber = (phone: string) => Promise<Told | null>;

type Client = Pick<WhatsAppSession['client'], 'onWhatsApp' | 'signalRepository'>;
type Answers = Map<string, string | null>;

const NOT_THERE: Told = { jid: null, lid: null };

/** The JIDs of those that exist; null: no answer, which is not the same as numbers that are not there. */
async function existing(client: Client, phones: string[]): Promise<string[] | null> {
  const found = await client.onWhatsApp(...phones);
  return found?.flatMap(({ jid, exists }) => (exists ? [bareJid(jid)] : [])) ?? null;
}

/** Whether both may be one number, with and without the digits that come and go behind a country's code. */
const isAlike = (one: string, other: string): boolean =>
  one.slice(0, 2) === other.slice(0, 2) && one.slice(-ALIKE) === other.slice(-ALIKE);

/** Which JID each number has; null: no answer. */
async function jidsOf(client: Client, phones: string[]): Promise<Answers | null> {
  const jids = await existing(client, phones);
  if (jids === null) return null;
  const [only] = phones;
  // Whatever is told about a single number is about that one.
  if (phones.length === 1 && only !== undefined) return new Map([[only, jids[0] ?? null]]);
  const byUser = new Map(jids.map((jid) => [splitJid(jid)?.user ?? jid, jid]));
  const answers: Answers = new Map(phones.map((phone) => [phone, byUser.get(phone) ?? null]));
  const users = [...byUser.keys()];
  // In some countries WhatsApp knows a number by another one than people write; the answer does not say which for which.
  const isOther = users.some((user) => !answers.has(user));
  for (const phone of phones) {
    if (answers.get(phone) !== null) continue;
    // Both ways of writing one number may have been asked for, and the answer names the one only.
    if (!isOther && !users.some((user) => isAlike(user, phone))) continue;
    const own = await jidsOf(client, [phone]);
    if (own === null) return null;
    answers.set(phone, own.get(phone) ?? null);
  }
  return answers;
}

async function ask(client: Client, phones: string[]): Promise<Map<string, Told> | null> {
  const jids = await jidsOf(client, phones);
  if (jids === null) return null;
  const there = [...jids.values()].filter((jid) => jid !== null);
  const pairs = there.length === 0 ? null : await client.signalRepository.lidMapping.getLIDsForPNs(there);
  const lids = new Map(pairs?.map(({ pn, lid }) => [bareJid(pn), bareJid(lid)]));
  return new Map(
    [...jids].map(([phone, jid]) => [phone, jid === null ? NOT_THERE : { jid, lid: lids.get(jid) ?? null }]),
  );
}

export function createAskNumber(client: Client, onError: (error: unknown) => void): AskNumber {
  const waiting = new Map<string, ((told: Told | null) => void)[]>();
  let asking = false;

  /** Answers those that wait first. */
  async function askSome(): Promise<void> {
    const some = [...waiting].slice(0, AT_ONCE);
    const phones = some.map(([phone]) => phone);
    for (const phone of phones) waiting.delete(phone);
    const told = await ask(client, phones).catch((error: unknown) => {
      onError(error);
      return null;
    });
    for (const [phone, resolves] of some) for (const resolve of resolves) resolve(told?.get(phone) ?? null);
  }

  async function askAll(): Promise<void> {
    // Those that are asked for in the same moment come along.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.size > 0) await askSome();
    asking = false;
  }

  return (phone) =>
    new Promise((resolve) => {
      waiting.set(phone, [...(waiting.get(phone) ?? []), resolve]);
      if (asking) return;
      asking = true;
      void askAll();
    });
}
