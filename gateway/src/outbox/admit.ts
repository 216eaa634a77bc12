/**
 * What is decided of a message at the moment it is written: whether a cap that rejects stands against it, and where it
 * stands in the queue. Runs in the transaction that writes the message, so that parallel requests count one another.
 */
import type { CapName, CapUse } from '../domain/caps.js';
import { gatewayError, type ErrorCode, type GatewayError } from '../domain/error.js';
import { duration } from '../domain/holdText.js';
import type { Standing } from '../domain/message.js';
import { isReply, type RecipientHistory } from '../domain/pacing.js';
import { isCounted, resolvePolicy, type Policy } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import { textHashOf } from '../lib/textHash.js';
import type { Nouns } from '../store/index.js';
import type { Lane } from '../store/messageLine.js';
import type { MessageInsert } from '../store/messages.js';
import { readHistory, readRecipient } from './ledger.js';

interface Admission {
  tx: Nouns;
  session: Session;
  policy: Policy;
  lane: Lane;
  row: MessageInsert;
  recipient: RecipientHistory;
  now: number;
}

const CODES: Record<CapName, ErrorCode> = {
  minute: 'minute_limit_reached',
  hour: 'quota_exceeded',
  day: 'daily_limit_reached',
  month: 'quota_exceeded',
  warmUp: 'daily_limit_reached',
  newRecipients: 'quota_exceeded',
};

const PER: Record<CapName, string> = {
  minute: 'messages a minute',
  hour: 'messages an hour',
  day: 'messages a day',
  month: 'messages in 30 days',
  warmUp: 'messages on this day of the warm-up',
  newRecipients: 'new recipients a day',
};

/** Kinds that are not one more message for their recipient. */
const SILENT = ['reaction', 'edit', 'revoke'];

function refusal(code: ErrorCode, why: string, waitMs: number): GatewayError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return gatewayError(code, `${why} It can be sent in ${duration(waitMs)}.`, { retryAfterSeconds });
}

async function refuseCooldown({ tx, policy, lane, row, recipient, now }: Admission): Promise<void> {
  const { recipientCooldownMs } = policy;
  if (recipientCooldownMs === null || SILENT.includes(row.content.type)) return;
  const sentUntil = recipient.lastSentAt === null ? 0 : recipient.lastSentAt + recipientCooldownMs;
  const queued = await tx.messages.countQueued(lane, { limit: 1, chatJid: row.chatJid });
  const until = Math.max(sentUntil, queued > 0 ? now + recipientCooldownMs : 0);
  if (until <= now) return;
  const rule = `This recipient is written to once in ${duration(recipientCooldownMs)}.`;
  throw refusal('recipient_cooldown', rule, until - now);
}

async function refuseIdentical({ tx, policy: { identicalText }, lane, row, now }: Admission): Promise<void> {
  const textHash = identicalText === null ? null : textHashOf(row);
  if (identicalText === null || textHash === null) return;
  const oldest = await tx.sendings.textSentAt(lane, textHash, identicalText.max);
  const until = oldest === null ? 0 : oldest + identicalText.perMs;
  if (until <= now) return;
  const rule = `The same text goes out ${String(identicalText.max)} times in ${duration(identicalText.perMs)}.`;
  throw refusal('quota_exceeded', rule, until - now);
}

function concerns(cap: CapUse, { recipient, now }: Admission): boolean {
  if (cap.name === 'newRecipients') return recipient.isNew;
  return cap.name !== 'warmUp' || !isReply(recipient, now);
}

/** Messages that were accepted and wait use up a cap like those that were sent. */
async function refuseOverCaps(admission: Admission): Promise<void> {
  const { tx, session, policy, lane, now } = admission;
  const { caps } = await readHistory(tx, { session, lane, policy, at: now });
  const limit = Math.max(0, ...caps.map(({ max }) => max));
  const queued = await tx.messages.countQueued(lane, { limit });
  const queuedNew = await tx.messages.countQueued(lane, { limit, standing: 'new' });
  for (const cap of caps.filter((one) => concerns(one, admission))) {
    if (cap.used + (cap.track === 'new' ? queuedNew : queued) < cap.max) continue;
    const until = cap.freesAt ?? now + cap.perMs;
    throw refusal(
      CODES[cap.name],
      `The limit of ${String(cap.max)} ${PER[cap.name]} is reached.`,
      until - now,
    );
  }
}

/**
 * Where the message stands in the queue.
 * @throws GatewayError recipient_cooldown, minute_limit_reached, daily_limit_reached, quota_exceeded
 */
export async function admit(tx: Nouns, session: Session, row: MessageInsert): Promise<Standing> {
  const policy = resolvePolicy(session.policy);
  if (!isCounted(policy)) return 'open';
  const lane = { sessionId: session.id, test: row.test };
  const now = row.queuedAt;
  const recipient = await readRecipient(tx, lane, row.chatJid);
  // A scheduled message meets the caps of its own time, and waits for them then.
  if (policy.onLimit === 'reject' && row.status === 'queued') {
    await tx.sessions.lock(session.id);
    const admission = { tx, session, policy, lane, row, recipient, now };
    await refuseCooldown(admission);
    await refuseIdentical(admission);
    await refuseOverCaps(admission);
  }
  if (isReply(recipient, now)) return 'reply';
  return recipient.isNew ? 'new' : 'open';
}
