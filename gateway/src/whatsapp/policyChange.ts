/**
 * Changes a session's policy. One that limits what was not counted until now begins with what the session has sent before:
 * both are one transaction. Used by sessionRows.
 */
import { mergePolicy, newlyCounted, type PolicyInput } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import type { Nouns } from '../store/index.js';
import type { SessionUpdate } from '../store/sessions.js';
import type { WhatsAppDeps } from './ports.js';

/** Null: there is no such session. */
type ChangePolicy = (id: string, plain: SessionUpdate, change: PolicyInput | null) => Promise<Session | null>;

async function countBefore(
  tx: Nouns,
  { id, phone, policy: before }: Session,
  { policy, now }: { policy: PolicyInput | null; now: number },
): Promise<void> {
  const { sendings, textsOfMs } = newlyCounted(before, policy);
  for (const test of [false, true]) {
    const lane = { sessionId: id, test };
    if (sendings) await tx.pastSendings.catchUp(lane, { phone, now });
    if (textsOfMs !== null) await tx.pastSendings.catchUpTexts(lane, { since: now - textsOfMs, now });
  }
}

export const createPolicyChange =
  ({ store, clock }: Pick<WhatsAppDeps, 'store' | 'clock'>): ChangePolicy =>
  (id, plain, change) =>
    store.transaction(async (tx) => {
      // So that nothing is claimed under the old policy meanwhile, and of two changes none is lost.
      await tx.sessions.lock(id);
      const before = await tx.sessions.find(id);
      if (!before) return null;
      const policy = mergePolicy(before.policy, change);
      await countBefore(tx, before, { policy, now: clock.now() });
      return tx.sessions.update(id, { ...plain, policy });
    });
