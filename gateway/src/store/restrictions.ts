/**
 * What WhatsApp holds against a session's number, as it told last. Survives a restart, since WhatsApp tells it once.
 */
import { RESTRICTION_KINDS, type Restriction, type RestrictionKind } from '../domain/restriction.js';
import { statement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { toFlag } from './messageRows.js';

const listOfSession = statement((q, { sessionId }: { sessionId: string }) =>
  q.selectFrom('restrictions').selectAll().where('session_id', '=', sessionId).orderBy('kind'),
);

export function createRestrictionsStore(context: StoreContext) {
  const { q } = context;
  return {
    async list(sessionId: string): Promise<Restriction[]> {
      const { rows } = await listOfSession(context, { sessionId });
      return rows.flatMap((row) => {
        const kind = RESTRICTION_KINDS.find((known) => known === row.kind);
        if (kind === undefined) return [];
        const { quota_total: total, quota_used: used } = row;
        const quota = total === null || used === null ? null : { total, used };
        const { until, reason, since } = row;
        return [{ kind, active: row.active === 1, until, reason, quota, since }];
      });
    },

    async save(sessionId: string, restriction: Restriction): Promise<void> {
      const columns = {
        active: toFlag(restriction.active),
        until: restriction.until,
        reason: restriction.reason,
        quota_total: restriction.quota?.total ?? null,
        quota_used: restriction.quota?.used ?? null,
        since: restriction.since,
      };
      await q
        .insertInto('restrictions')
        .values({ session_id: sessionId, kind: restriction.kind, ...columns })
        .onConflict((conflict) => conflict.columns(['session_id', 'kind']).doUpdateSet(columns))
        .execute();
    },

    async remove(sessionId: string, kind: RestrictionKind): Promise<void> {
      await q
        .deleteFrom('restrictions')
        .where('session_id', '=', sessionId)
        .where('kind', '=', kind)
        .execute();
    },
  };
}
