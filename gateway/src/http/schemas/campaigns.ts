/**
 * Campaigns on the wire. Used by routes/campaigns.
 */
import { z } from 'zod';
import { MESSAGE_STATUSES } from '../../domain/message.js';
import {
  isCompleted,
  type Campaign,
  type CampaignCounts,
  type CampaignRecipient,
} from '../../domain/campaign.js';
import { parseRecipientsCsv } from '../recipientsCsv.js';
import { givenTime, pageOf, sessionId, time, toNullableTime, toTime } from './common.js';

const MAX_RECIPIENTS = 50_000;
const MAX_CSV = 12_000_000;
const MAX_SESSIONS = 100;

const recipient = z.strictObject({
  to: z.string().min(1).max(100).meta({ description: 'Phone number or JID' }),
  variables: z
    .record(
      z.string().max(64),
      z.union([z.string().max(4_096), z.number()]).transform((value) => String(value)),
    )
    .default({})
    .meta({ description: 'A value for each {{variable}} of the message' }),
});

const csv = z
  .string()
  .min(1)
  .max(MAX_CSV)
  .transform((text, context): z.output<typeof recipient>[] => {
    try {
      const rows = parseRecipientsCsv(text, MAX_RECIPIENTS);
      if (rows.length <= MAX_RECIPIENTS) return rows;
      context.addIssue({ code: 'custom', message: `must have at most ${String(MAX_RECIPIENTS)} recipients` });
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is no CSV' });
    }
    return z.NEVER;
  })
  .meta({ description: 'CSV: a header line with `to` and the names of the variables, then the recipients' });

export const newCampaign = z
  .strictObject({
    name: z.string().trim().min(1).max(255),
    sessionIds: z
      .array(sessionId)
      .min(1)
      .max(MAX_SESSIONS)
      .refine((ids) => new Set(ids).size === ids.length, 'must differ from one another')
      .meta({ description: 'The recipients are spread over these sessions' }),
    message: z.record(z.string(), z.unknown()).meta({
      description:
        'As in POST /v1/messages, without `to`; {{variables}} in its texts are replaced for each recipient',
    }),
    recipients: z.union([z.array(recipient).min(1).max(MAX_RECIPIENTS), csv]),
    sendAt: givenTime.optional().meta({ description: 'Not before this time' }),
  })
  .meta({ id: 'NewCampaign' });

const STATUSES = ['running', 'paused', 'canceled', 'completed'] as const;

const COUNTED = ['pending', 'rejected', ...MESSAGE_STATUSES] as const;

const fields = {
  id: z.string(),
  name: z.string(),
  status: z.enum(STATUSES).meta({ description: 'completed: nothing of it waits any more' }),
  sessionIds: z.array(z.string()),
  sendAt: time.nullable(),
  createdAt: time,
  total: z.int().meta({ description: 'Recipients' }),
  counts: z.record(z.enum(COUNTED), z.int()).meta({
    description:
      'Recipients by the status of their message; pending: it is not made yet, rejected: there will be none',
  }),
  failures: z
    .record(z.string(), z.int())
    .meta({ description: 'Why messages failed or were not made: how many by code' }),
  estimatedEndAt: time.nullable().meta({ description: 'When the last message will probably go' }),
  test: z.boolean(),
};
export const campaign = z.strictObject(fields).meta({ id: 'Campaign' });
export const campaignPage = pageOf(campaign);

export const createdCampaign = z
  .strictObject({
    ...fields,
    rejected: z
      .array(z.strictObject({ row: z.int(), to: z.string(), code: z.string(), message: z.string() }))
      .meta({
        description: 'Recipients known to get nothing, at most 100; all are in the report. Rows count from 1',
      }),
  })
  .meta({ id: 'CreatedCampaign' });

export const REJECTED_SHOWN = 100;

interface Described {
  counts: CampaignCounts;
  estimatedEndAt: number | null;
}

export function toCampaign(row: Campaign, { counts, estimatedEndAt }: Described): z.output<typeof campaign> {
  const made = Object.values(counts.byStatus).reduce((sum, count) => sum + count, 0);
  const all: Record<string, number> = { ...counts.byStatus, pending: Math.max(0, row.total - made) };
  const told = Object.fromEntries(COUNTED.map((name) => [name, all[name] ?? 0])) as Record<
    (typeof COUNTED)[number],
    number
  >;
  return {
    id: row.id,
    name: row.name,
    status: isCompleted(row, counts) ? 'completed' : row.state,
    sessionIds: row.sessionIds,
    sendAt: toNullableTime(row.sendAt),
    createdAt: toTime(row.createdAt),
    total: row.total,
    counts: told,
    failures: counts.byFailure,
    estimatedEndAt: toNullableTime(estimatedEndAt),
    test: row.caller.mode === 'test',
  };
}

export const toRejected = ({ row, to, refusal }: CampaignRecipient) => ({
  row: row + 1,
  to,
  code: refusal?.code ?? '',
  message: refusal?.message ?? '',
});
