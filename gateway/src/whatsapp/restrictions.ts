/**
 * What WhatsApp tells of the number itself: the reach-out time-lock and the cap of new chats. Asked when the connection
 * opens and after a refusal (463), told by WhatsApp when it changes; kept in the database, since it is told once.
 */
import type { WASocket } from '@whiskeysockets/baileys';
import {
  activeRestriction,
  restrictionEvent,
  RESTRICTION_MARGIN_MS,
  type Restriction,
} from '../domain/restriction.js';
import type { Fence } from '../domain/session.js';
import type { Nouns } from '../store/index.js';
import type { WhatsAppDeps } from './ports.js';

/** What was told, as a restriction without its beginning. */
export type Told = Omit<Restriction, 'since'>;

interface Timelock {
  isActive?: boolean;
  timeEnforcementEnds?: Date | undefined;
  enforcementType?: string | undefined;
}

/** Field names as on the wire (rc14 hands them on as they come). */
interface Capping {
  capping_status?: string | null;
  total_quota?: number | string | null;
  used_quota?: number | string | null;
  cycle_end_timestamp?: number | string | null;
}

function fromTimelock({ isActive = false, timeEnforcementEnds, enforcementType }: Timelock): Told {
  const ends = timeEnforcementEnds?.getTime() ?? NaN;
  const until = Number.isNaN(ends) ? null : ends + RESTRICTION_MARGIN_MS;
  return { kind: 'timelock', active: isActive, until, reason: enforcementType ?? null, quota: null };
}

const toNumber = (value: number | string | null | undefined): number => Number(value ?? NaN);

/** Null: there is no cap for this number. */
function fromCapping(capping: Capping): Told {
  const [total, used] = [toNumber(capping.total_quota), toNumber(capping.used_quota)];
  const ends = toNumber(capping.cycle_end_timestamp);
  const quota = total > 0 && used >= 0 ? { total, used } : null;
  return {
    kind: 'capping',
    active: capping.capping_status === 'CAPPED' || (quota !== null && quota.used >= quota.total),
    until: ends > 0 ? ends * 1000 + RESTRICTION_MARGIN_MS : null,
    reason: capping.capping_status ?? null,
    quota,
  };
}

interface Asking {
  client: Pick<WASocket, 'ev' | 'fetchAccountReachoutTimelock' | 'fetchNewChatMessageCap'>;
  isOpen: () => boolean;
  onTold: (told: Told) => void;
  onError: (error: unknown) => void;
}

/** Hears what WhatsApp tells on one socket; the answer asks for it. */
export function hearRestrictions({ client, isOpen, onTold, onError }: Asking) {
  client.ev.on('connection.update', ({ reachoutTimeLock }) => {
    if (reachoutTimeLock) onTold(fromTimelock(reachoutTimeLock));
  });
  client.ev.on('message-capping.update', (capping) => onTold(fromCapping(capping as Capping)));

  const quietly = async (question: () => Promise<unknown>): Promise<void> => {
    try {
      await question();
    } catch (error) {
      // A server that does not know the question, or a link that has gone: nothing is lost, refusals still tell.
      if (isOpen() && error instanceof TypeError) onError(error);
    }
  };

  return {
    /** After the login: what holds now. The lock is told through the event. */
    async ask(): Promise<void> {
      await quietly(() => client.fetchAccountReachoutTimelock());
      await quietly(async () => {
        const capping: unknown = await client.fetchNewChatMessageCap();
        if (typeof capping === 'object' && capping !== null) onTold(fromCapping(capping));
      });
    },
    /** After a refusal for want of a chat: until when. */
    onRefused: (ackError: string): void => {
      if (ackError === '463') void quietly(() => client.fetchAccountReachoutTimelock());
    },
  };
}

type KeeperDeps = Pick<WhatsAppDeps, 'store' | 'clock' | 'bell' | 'publisher'>;

/** Keeps what is told, and publishes what changes. */
export function createRestrictionKeeper({ store, clock, bell, publisher }: KeeperDeps, fence: Fence) {
  const { sessionId } = fence;

  /** What is to be told to others; null: nothing has changed. */
  async function write(tx: Nouns, told: Told): Promise<Restriction | null> {
    const now = clock.now();
    const known = await tx.restrictions.list(sessionId);
    const before = known.find(({ kind }) => kind === told.kind);
    const wasActive = before !== undefined && activeRestriction([before], now) !== null;
    if (!told.active && told.quota === null) {
      if (!before) return null;
      await tx.restrictions.remove(sessionId, told.kind);
      // A refusal ends with the lock that it was for; a lock that was over before has nothing to say of a later one.
      if (told.kind === 'timelock' && wasActive) await tx.restrictions.remove(sessionId, 'refusal');
      return wasActive ? { ...told, since: before.since } : null;
    }
    const since = wasActive && told.active ? before.since : now;
    const restriction = { ...told, since };
    await tx.restrictions.save(sessionId, restriction);
    // It says until when what the refusal only guessed.
    const isActive = activeRestriction([restriction], now) !== null;
    if (told.kind === 'timelock' && isActive) await tx.restrictions.remove(sessionId, 'refusal');
    const isNews = wasActive !== told.active || (told.active && before?.until !== told.until);
    return isNews ? restriction : null;
  }

  let written: Promise<unknown> = Promise.resolve();

  /** One after the other, in the order in which they were told. @throws LeaseLostError */
  return function keep(told: Told): Promise<void> {
    const writing = written.then(async () => {
      const news = await store.transaction(async (tx) => {
        await tx.leases.assertOwned(fence);
        const changed = await write(tx, told);
        if (changed) await publisher.publish(tx, restrictionEvent(sessionId, changed));
        return changed;
      });
      if (!news) return;
      publisher.committed();
      bell.ring(`session:${sessionId}`);
    });
    written = writing.catch(() => undefined);
    return writing;
  };
}
