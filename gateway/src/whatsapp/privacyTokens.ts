/**
 * Privacy tokens: with the first message to a person in a week, a client tells WhatsApp that it trusts them, and keeps the
 * token that it may be given for them. rc14 does so too, but writes down that it has in a transaction that is over by
 * then: nothing is kept, and it asks again with every message. Here it is written first, which keeps rc14 still.
 * Used by `relay`.
 */
import {
  getBinaryNodeChild,
  getBinaryNodeChildren,
  isLidUser,
  isPnUser,
  type BinaryNode,
  type SignalKeyStore,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { Clock } from '../lib/clock.js';
import { bareJid } from '../domain/address.js';

/** WhatsApp counts in weeks since 1970. */
const WEEK_SECONDS = 604_800;

export interface PrivacyTokensDeps {
  client: Pick<WASocket, 'issuePrivacyTokens' | 'signalRepository' | 'serverProps'>;
  keys: SignalKeyStore;
  clock: Pick<Clock, 'now'>;
  isOpen: () => boolean;
  /** Hears of a question that failed while the link was there; the next message asks again. */
  onError: (error: unknown) => void;
}

/** Called before a message; the answer is to be called once it has gone. Null: nothing is due. */
export type PrivacyTokens = (jid: string) => Promise<(() => Promise<void>) | null>;

const NO_TOKEN = Buffer.alloc(0);
const weekOf = (seconds: number): number => Math.floor(seconds / WEEK_SECONDS);

/** The token that WhatsApp gave with its answer, if it did. */
function tokenIn(answer: unknown): { token: Buffer; timestamp: string } | null {
  const tokens = getBinaryNodeChild(answer as BinaryNode | undefined, 'tokens');
  for (const { attrs, content } of getBinaryNodeChildren(tokens, 'token')) {
    if (attrs.type !== 'trusted_contact' || !attrs.t || !(content instanceof Uint8Array)) continue;
    return { token: Buffer.from(content), timestamp: attrs.t };
  }
  return null;
}

export function createPrivacyTokens(deps: PrivacyTokensDeps): PrivacyTokens {
  const { client, keys, clock, isOpen, onError } = deps;
  const { lidMapping } = client.signalRepository;

  /** WhatsApp says which of the two addresses it wants. */
  async function addressFor(jid: string, lid: string | null): Promise<string> {
    if (client.serverProps.lidTrustedTokenIssueToLid) return lid ?? jid;
    return isLidUser(jid) ? ((await lidMapping.getPNForLID(jid)) ?? jid) : jid;
  }

  return async function due(jid) {
    if (!isPnUser(jid) && !isLidUser(jid)) return null;
    const lid = isLidUser(jid) ? jid : await lidMapping.getLIDForPN(jid);
    const name = bareJid(lid ?? jid);
    const entry = (await keys.get('tctoken', [name]))[name];
    const now = Math.floor(clock.now() / 1_000);
    if (entry?.senderTimestamp !== undefined && weekOf(entry.senderTimestamp) >= weekOf(now)) return null;
    const told = { token: NO_TOKEN, ...entry, senderTimestamp: now };
    await keys.set({ tctoken: { [name]: told } });

    return async function issue() {
      try {
        const answer: unknown = await client.issuePrivacyTokens([bareJid(await addressFor(jid, lid))], now);
        const given = tokenIn(answer);
        if (given) await keys.set({ tctoken: { [name]: { ...told, ...given } } });
      } catch (error) {
        if (isOpen()) onError(error);
        await keys.set({ tctoken: { [name]: entry ?? null } });
      }
    };
  };
}
