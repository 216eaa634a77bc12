/**
 * Makes the messages of campaigns, page by page through the same admission as a batch, and carries out what was asked of
 * campaigns since. Each recipient has an idempotency key of its own and each page is recorded when it is done, so that
 * a crash at any moment repeats nothing. Any process may do any page.
 */
import type { Campaign, CampaignRecipient } from '../domain/campaign.js';
import { GatewayError } from '../domain/error.js';
import { createLoop, type Loop } from '../lib/loop.js';
import { mapBounded } from '../lib/mapBounded.js';
import { contentFor, refusalOf } from './campaignRows.js';
import type { OpenLinkedFile, OutboxDeps } from './ports.js';
import type { CampaignTemplate, Enqueued, Outbox, Submission } from './types.js';

type LoopDeps = Pick<OutboxDeps, 'store' | 'clock' | 'bell' | 'onError' | 'openLinkedFile'> &
  Pick<Outbox, 'enqueueMany' | 'cancel'>;

/** Recipients of one page. */
const PAGE = 100;
const CANCEL_PAGE = 200;
const CONCURRENCY = 16;
const IDLE_MS = 30_000;
const DEFAULT_RETRY_MS = 10_000;

type Verdict = { messageId: string } | { refusal: { code: string; message: string } };

/** How long until the row can be tried again, in milliseconds; null: it has its verdict. */
function retryMs(answer: Enqueued | Error): number | null {
  if (!(answer instanceof Error)) return null;
  // Paused in the middle of the page.
  if (answer instanceof GatewayError && answer.code === 'invalid_state') return 0;
  if (answer instanceof GatewayError && !answer.retryable) return null;
  const seconds = answer instanceof GatewayError ? answer.retryAfterSeconds : undefined;
  return seconds === undefined ? DEFAULT_RETRY_MS : seconds * 1_000;
}

const verdictOf = (answer: Enqueued | GatewayError): Verdict =>
  answer instanceof GatewayError ? { refusal: refusalOf(answer) } : { messageId: answer.message.id };

function submissionOf(
  open: OpenLinkedFile,
  campaign: Campaign,
  { row, to, variables }: CampaignRecipient,
): Submission {
  const { content: template, priority, typing, expiresAt } = campaign.template as CampaignTemplate;
  const content = contentFor(template, variables);
  return {
    message: {
      sessionId: campaign.sessionIds[row % campaign.sessionIds.length],
      to,
      content: content.type === 'linked' ? open(content.body, campaign.caller) : content,
      campaignId: campaign.id,
      ...{ priority, typing, expiresAt, sendAt: campaign.sendAt ?? undefined },
    },
    idempotency: { key: `campaign:${campaign.id}:${String(row)}`, bodyHash: campaign.id },
  };
}

export function createCampaignLoop(deps: LoopDeps): Loop {
  const { store, clock, bell, onError, openLinkedFile, enqueueMany, cancel } = deps;
  /** One page; answers when to go on, in milliseconds. */
  async function createPage(campaign: Campaign): Promise<number> {
    const rows = await store.campaigns.recipients(campaign.id, campaign.nextRow, PAGE);
    const open = rows.filter(({ messageId, refusal }) => messageId === null && refusal === null);
    const answers = await enqueueMany(
      campaign.caller,
      open.map((row) => submissionOf(openLinkedFile, campaign, row)),
    );
    const waits = answers.map(retryMs);
    const blocked = waits.findIndex((ms) => ms !== null);
    const decided = blocked < 0 ? open : open.slice(0, blocked);
    const nextRow = open[blocked]?.row ?? (rows.at(-1)?.row ?? campaign.total) + 1;
    const isOurs = await store.transaction(async (tx) => {
      const now = await tx.campaigns.lock(campaign.id);
      // Paused, cancelled, or done by another process meanwhile: the keys of its rows say the same next time.
      if (now?.state !== 'running' || now.nextRow !== campaign.nextRow) return false;
      for (const [index, { row }] of decided.entries())
        await tx.campaigns.record(campaign.id, row, verdictOf(answers[index] as Enqueued | GatewayError));
      await tx.campaigns.advance(campaign.id, nextRow);
      return true;
    });
    const failure = answers[blocked];
    if (failure instanceof Error && !(failure instanceof GatewayError)) onError(failure);
    return isOurs ? (waits[blocked] ?? 0) : 0;
  }

  /** Messages that came back into their lines, from a retry for example, while their campaign is paused. */
  async function pauseAgain(id: string): Promise<void> {
    await store.transaction(async (tx) => {
      if ((await tx.campaigns.lock(id))?.state === 'paused') await tx.campaigns.pauseMessages(id);
    });
  }

  async function cancelAll(id: string): Promise<void> {
    for (;;) {
      const ids = await store.campaigns.cancelable(id, CANCEL_PAGE);
      if (ids.length === 0) break;
      await mapBounded(ids, CONCURRENCY, (one) =>
        cancel(one).catch((error: unknown) => {
          // It has been handed over meanwhile.
          if (!(error instanceof GatewayError)) throw error;
        }),
      );
    }
    await store.campaigns.canceled(id);
  }

  return createLoop({
    clock,
    idleMs: IDLE_MS,
    onError,
    async step(signal) {
      const { paused, canceling } = await store.campaigns.unsettled();
      for (const id of paused) await pauseAgain(id);
      for (const id of canceling) await cancelAll(id);
      let waitMs = IDLE_MS;
      for (const campaign of await store.campaigns.toCreate()) {
        if (signal.aborted) return 0;
        waitMs = Math.min(waitMs, await createPage(campaign));
        for (const id of campaign.sessionIds) bell.ring(`outbox:${id}`);
      }
      return waitMs;
    },
  });
}
