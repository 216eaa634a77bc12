/**
 * What WhatsApp holds against an account: the reach-out time-lock (no new chats until a time) and the monthly cap of
 * new chats. Queried by clients through `w:mex`, set through the control API.
 */
export interface ReachoutTimelock {
  /** Milliseconds since 1970. */
  endsAt: number;
  enforcementType: string;
}

/** Field names as on the wire. */
export interface MessageCapping {
  capping_status: 'NONE' | 'FIRST_WARNING' | 'SECOND_WARNING' | 'CAPPED';
  total_quota: number;
  used_quota: number;
  cycle_start_timestamp: string;
  cycle_end_timestamp: string;
  ote_status: string;
  mv_status: string;
}

export interface Restrictions {
  timelock: ReachoutTimelock | undefined;
  capping: MessageCapping;
}

/** An account in good standing. */
export const noRestrictions = (): Restrictions => ({
  timelock: undefined,
  capping: {
    capping_status: 'NONE',
    total_quota: -1,
    used_quota: 0,
    cycle_start_timestamp: '0',
    cycle_end_timestamp: '0',
    ote_status: 'NOT_ELIGIBLE',
    mv_status: 'NOT_ELIGIBLE',
  },
});
