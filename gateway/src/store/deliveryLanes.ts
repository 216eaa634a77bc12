/**
 * Lanes of deliveries: one row per webhook and session, which is claimed as a whole, so that its deliveries go out in
 * order and one at a time, whichever process sends them. Used by webhooks/; rows of deliveries are in store/deliveries.
 *
 * Whoever settles changes the lane's row first (`hold`) and looks for more pending deliveries after: the row's lock
 * makes it see what a publisher added meanwhile, so a lane never sleeps on a pending delivery.
 */
import { sql } from 'kysely';
import type { Executor } from './database/index.js';
import { oneRowStatement, statement } from './database/statement.js';
import type { StoreContext } from './index.js';

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

const claimLane = statement((q, lane: LaneClaim & { now: number; until: number }) =>
  q
    .updateTable('delivery_lanes')
    .set({ claim: lane.token, claimed_until: lane.until })
    .where('webhook_id', '=', lane.webhookId)
    .where('session_id', '=', lane.sessionId)
    .where('next_attempt_at', '<=', lane.now)
    .where((where) => where.or([where('claimed_until', 'is', null), where('claimed_until', '<=', lane.now)]))
    .returning('webhook_id'),
);

const holdLane = statement((q, lane: LaneClaim & { until: number }) =>
  q
    .updateTable('delivery_lanes')
    .set({ claimed_until: lane.until })
    .where('webhook_id', '=', lane.webhookId)
    .where('session_id', '=', lane.sessionId)
    .where('claim', '=', lane.token)
    .returning('webhook_id'),
);

interface Released {
  nextAttemptAt: number | null;
  failures: number;
}

const releaseLane = statement((q, lane: LaneClaim & Released) =>
  q
    .updateTable('delivery_lanes')
    .set({
      claim: sql.lit(null),
      claimed_until: sql.lit(null),
      next_attempt_at: lane.nextAttemptAt,
      failures: lane.failures,
    })
    .where('webhook_id', '=', lane.webhookId)
    .where('session_id', '=', lane.sessionId)
    .where('claim', '=', lane.token),
);

export function createDeliveryLanesStore(context: StoreContext) {
  const { q, engine } = context;

  return {
    /** Takes a due lane; false when another process was faster. */
    async claim(lane: LaneClaim, now: number, until: number): Promise<boolean> {
      const { webhookId, sessionId, token } = lane;
      const { rows } = await claimLane(context, { webhookId, sessionId, token, now, until });
      return rows.length === 1;
    },

    /** Prolongs a claim and locks the lane's row until the transaction ends; false when the claim was lost. */
    async hold(claim: LaneClaim, until: number): Promise<boolean> {
      return (await holdLane(context, { ...claim, until })).rows.length === 1;
    },

    /** Gives a lane back; `nextAttemptAt` null when nothing is pending in it. */
    async release(claim: LaneClaim, lane: Released): Promise<void> {
      await releaseLane(context, { ...claim, ...lane });
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

    ...looking(context),
    ...waiting({ q }),
    ...waking(context),
  };
}

const nextLane = oneRowStatement((q, { now }: { now: number }) =>
  q
    .selectFrom('delivery_lanes')
    .select('next_attempt_at')
    .where('next_attempt_at', '>', now)
    .orderBy('next_attempt_at')
    .limit(sql.lit(1)),
);

const lanesDue = (q: Executor, { now, limit }: { now: number; limit: number }) =>
  q
    .selectFrom('delivery_lanes as lane')
    .innerJoin('webhooks as webhook', 'webhook.id', 'lane.webhook_id')
    .select(['lane.webhook_id', 'lane.session_id', 'lane.failures'])
    .where('webhook.state', '!=', sql.lit('disabled'))
    .where('lane.next_attempt_at', '<=', now)
    .where((where) =>
      where.or([where('lane.claimed_until', 'is', null), where('lane.claimed_until', '<=', now)]),
    )
    .orderBy('lane.next_attempt_at')
    .limit(limit);

const allDue = statement((q, values: { now: number; limit: number }) => lanesDue(q, values));

const looking = ({ q, ...context }: Pick<StoreContext, 'q' | 'engine'>) => ({
  /** Lanes that may be tried now, the longest waiting first. */
  async due({ now, limit, exceptWebhookIds }: DueQuery): Promise<DueLane[]> {
    const rows =
      exceptWebhookIds.length === 0
        ? (await allDue({ q, ...context }, { now, limit })).rows
        : await lanesDue(q, { now, limit }).where('lane.webhook_id', 'not in', exceptWebhookIds).execute();
    return rows.map((row) => ({
      webhookId: row.webhook_id,
      sessionId: row.session_id,
      failures: row.failures,
    }));
  },

  /** When the next lane that waits for its time is due; null when none waits. */
  async nextDueAt(now: number): Promise<number | null> {
    const { rows } = await nextLane({ q, ...context }, { now });
    return rows[0]?.next_attempt_at ?? null;
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

const openLane = statement((q, lane: LaneKey & { now: number }) =>
  q
    .insertInto('delivery_lanes')
    .values({
      webhook_id: lane.webhookId,
      session_id: lane.sessionId,
      next_attempt_at: lane.now,
      failures: sql.lit(0),
    })
    .onConflict((conflict) =>
      conflict.columns(['webhook_id', 'session_id']).doUpdateSet({
        next_attempt_at: sql`coalesce(delivery_lanes.next_attempt_at, excluded.next_attempt_at)`,
      }),
    ),
);

const waking = ({ q, ...context }: Pick<StoreContext, 'q' | 'engine'>) => ({
  /** Has lanes looked at from `now` on; one that waits for its retry goes on waiting. Makes lanes that are new. */
  async open(webhookIds: string[], sessionId: string, now: number): Promise<void> {
    for (const webhookId of webhookIds) await openLane({ q, ...context }, { webhookId, sessionId, now });
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
