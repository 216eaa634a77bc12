/**
 * Lanes of deliveries: one row per webhook and session, which is claimed as a whole, so that its deliveries go out in
 * order and one at a time, whichever process sends them. Used by webhooks/; rows of deliveries are in store/deliveries.
 *
 * Whoever settles changes the lane's row first (`hold`) and looks for more pending deliveries after: the row's lock
 * makes it see what a publisher added meanwhile, so a lane never sleeps on a pending delivery.
 */
import { sql } from 'kysely';
import type { StoreContext } from './index.js';
import { affected } from './values.js';

export interface LaneKey {
  webhookId: string;
  sessionId: string;
}

export interface DueLane extends LaneKey {
  failures: number;
}

/** A lane in the hands of one process. */
export interface LaneClaim extends LaneKey {
  token: string;
}

export interface DueQuery {
  now: number;
  limit: number;
  /** Webhooks that have their share already. */
  exceptWebhookIds: string[];
}

export function createDeliveryLanesStore({ q, engine }: StoreContext) {
  const claimed = ({ webhookId, sessionId, token }: LaneClaim) =>
    q
      .updateTable('delivery_lanes')
      .where('webhook_id', '=', webhookId)
      .where('session_id', '=', sessionId)
      .where('claim', '=', token);

  return {
    /** Takes a due lane; false when another process was faster. */
    async claim({ webhookId, sessionId, token }: LaneClaim, now: number, until: number): Promise<boolean> {
      const results = await q
        .updateTable('delivery_lanes')
        .set({ claim: token, claimed_until: until })
        .where('webhook_id', '=', webhookId)
        .where('session_id', '=', sessionId)
        .where('next_attempt_at', '<=', now)
        .where((where) => where.or([where('claimed_until', 'is', null), where('claimed_until', '<=', now)]))
        .execute();
      return affected(results) === 1;
    },

    /** Prolongs a claim and locks the lane's row until the transaction ends; false when the claim was lost. */
    async hold(claim: LaneClaim, until: number): Promise<boolean> {
      return affected(await claimed(claim).set({ claimed_until: until }).execute()) === 1;
    },

    /** Gives a lane back; `nextAttemptAt` null when nothing is pending in it. */
    async release(claim: LaneClaim, lane: { nextAttemptAt: number | null; failures: number }): Promise<void> {
      await claimed(claim)
        .set({
          claim: null,
          claimed_until: null,
          next_attempt_at: lane.nextAttemptAt,
          failures: lane.failures,
        })
        .execute();
    },

    /** Ends all claims: for the start on the embedded database, which no other process can be using. */
    async releaseAll(): Promise<void> {
      if (engine !== 'sqlite') return;
      await q
        .updateTable('delivery_lanes')
        .set({ claim: null, claimed_until: null })
        .where('claim', 'is not', null)
        .execute();
    },

    ...looking({ q }),
    ...waiting({ q }),
    ...waking({ q }),
  };
}

const looking = ({ q }: Pick<StoreContext, 'q'>) => ({
  /** Lanes that may be tried now, the longest waiting first. */
  async due({ now, limit, exceptWebhookIds }: DueQuery): Promise<DueLane[]> {
    let query = q
      .selectFrom('delivery_lanes as lane')
      .innerJoin('webhooks as webhook', 'webhook.id', 'lane.webhook_id')
      .select(['lane.webhook_id', 'lane.session_id', 'lane.failures'])
      .where('webhook.state', '!=', 'disabled')
      .where('lane.next_attempt_at', '<=', now)
      .where((where) =>
        where.or([where('lane.claimed_until', 'is', null), where('lane.claimed_until', '<=', now)]),
      );
    if (exceptWebhookIds.length > 0) query = query.where('lane.webhook_id', 'not in', exceptWebhookIds);
    const rows = await query.orderBy('lane.next_attempt_at').limit(limit).execute();
    return rows.map((row) => ({
      webhookId: row.webhook_id,
      sessionId: row.session_id,
      failures: row.failures,
    }));
  },

  /** When the next lane that waits for its time is due; null when none waits. */
  async nextDueAt(now: number): Promise<number | null> {
    const row = await q
      .selectFrom('delivery_lanes')
      .select('next_attempt_at')
      .where('next_attempt_at', '>', now)
      .orderBy('next_attempt_at')
      .limit(1)
      .executeTakeFirst();
    return row?.next_attempt_at ?? null;
  },
});

const waiting = ({ q }: Pick<StoreContext, 'q'>) => ({
  /** When each of a webhook's lanes is tried next, by session. */
  async nextAttempts(webhookId: string): Promise<Map<string, number | null>> {
    const rows = await q
      .selectFrom('delivery_lanes')
      .select(['session_id', 'next_attempt_at'])
      .where('webhook_id', '=', webhookId)
      .execute();
    return new Map(rows.map((row) => [row.session_id, row.next_attempt_at]));
  },
});

const waking = ({ q }: Pick<StoreContext, 'q'>) => ({
  /** Has lanes looked at from `now` on; one that waits for its retry goes on waiting. Makes lanes that are new. */
  async open(webhookIds: string[], sessionId: string, now: number): Promise<void> {
    if (webhookIds.length === 0) return;
    await q
      .insertInto('delivery_lanes')
      .values(
        webhookIds.map((id) => ({
          webhook_id: id,
          session_id: sessionId,
          next_attempt_at: now,
          failures: 0,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['webhook_id', 'session_id']).doUpdateSet({
          next_attempt_at: sql`coalesce(delivery_lanes.next_attempt_at, excluded.next_attempt_at)`,
        }),
      )
      .execute();
  },

  /** Ends the waits of a webhook's lanes, or of one of them: its receiver is back, or its owner wants it tried now. */
  async hurry(webhookId: string, now: number, sessionId?: string): Promise<void> {
    let query = q
      .updateTable('delivery_lanes')
      .set({ next_attempt_at: now })
      .where('webhook_id', '=', webhookId)
      .where('next_attempt_at', '>', now);
    if (sessionId !== undefined) query = query.where('session_id', '=', sessionId);
    await query.execute();
  },
});
