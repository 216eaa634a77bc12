/**
 * `w:mex`: GraphQL over stanzas. Known are the queries for the reach-out time-lock and for new-chat capping.
 */
import { childOf, node } from '../wire/nodes.js';
import type { QueryHandler } from './query.js';

/** As in Baileys' `QueryIds`. */
const REACHOUT_TIMELOCK = '23983697327930364';
const MESSAGE_CAPPING = '24503548349331633';

const result = (data: object): ReturnType<typeof node>[] => [
  node('result', {}, Buffer.from(JSON.stringify({ data }))),
];

export const answerMex: QueryHandler = ({ account }, iq) => {
  const queryId = childOf(iq, 'query')?.attrs.query_id;
  if (queryId === REACHOUT_TIMELOCK) {
    const { timelock } = account.restrictions;
    return result({
      xwa2_fetch_account_reachout_timelock: {
        is_active: timelock !== undefined,
        time_enforcement_ends: timelock ? String(Math.floor(timelock.endsAt / 1000)) : '0',
        enforcement_type: timelock?.enforcementType ?? 'DEFAULT',
      },
    });
  }
  if (queryId === MESSAGE_CAPPING) return result({ xwa2_message_capping_info: account.restrictions.capping });
  return undefined;
};
