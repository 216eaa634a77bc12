/**
 * Each step of a ratchet is a transaction of its own, one after another per contact, sending and receiving alike. rc14 makes
 * the steps of a sending part of a transaction that ends when the message has left, and finds its locks by the address that
 * was used, phone or LID, although both have one ratchet: a message that came meanwhile would go on from the ratchet of
 * before, and whichever is written last undoes the other. A key used twice is a message that the recipient drops.
 */
import { AsyncResource } from 'node:async_hooks';
import {
  isPnUser,
  type SignalKeyStoreWithTransaction,
  type SignalRepositoryWithLIDStore,
} from '@whiskeysockets/baileys';

export interface RatchetsDeps {
  keys: SignalKeyStoreWithTransaction;
  lidMapping: Pick<SignalRepositoryWithLIDStore['lidMapping'], 'getLIDForPN'>;
}

export interface Ratchets {
  /** Names the transactions on a contact's ratchet, whichever of its addresses is used. */
  lockOf: (jid: string) => Promise<string>;
  /** Runs a step outside of the transaction in hand; it is committed when this resolves. */
  step: <Result>(jid: string, work: () => Promise<Result>) => Promise<Result>;
}

/** Create it where no transaction of Baileys' is open. */
export function createRatchets({ keys, lidMapping }: RatchetsDeps): Ratchets {
  const outside = new AsyncResource('ratchets');

  async function lockOf(jid: string): Promise<string> {
    const lid = isPnUser(jid) ? await lidMapping.getLIDForPN(jid) : null;
    return `ratchet ${lid ?? jid}`;
  }

  return {
    lockOf,
    step: (jid, work) =>
      outside.runInAsyncScope(async () => {
        const lock = await lockOf(jid);
        return keys.transaction(work, lock);
      }),
  };
}
