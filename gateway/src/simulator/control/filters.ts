/**
 * Queries of the control API's lists: what to look for, how many to wait for, and for how long.
 */
import { z } from 'zod';

const MAX_WAIT_MS = 120_000;

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

export const waitMs = z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(0);

/** What all lists of records understand: how many to wait for, and for how long. */
const waiting = {
  waitForCount: z.coerce.number().int().min(0).max(1_000_000).optional(),
  timeoutMs: waitMs,
};
const parties = { from: z.string().optional(), to: z.string().optional(), waId: z.string().optional() };

const callParties = {
  from: z.string().optional(),
  to: z.string().optional(),
  callId: z.string().optional(),
  event: z.string().optional(),
};

export const messagesQuery = z.strictObject({
  ...waiting,
  ...parties,
  device: z.coerce.number().int().optional(),
  chat: z.string().optional(),
  /** Number of the session that sent it; the same as `from`. */
  session: z.string().optional(),
  text: z.string().optional(),
  copy: flag.optional(),
  displayed: flag.optional(),
  /** Only those that came under an id that was there before (or only the others). */
  repeated: flag.optional(),
});
export const deliveriesQuery = z.strictObject({
  ...waiting,
  ...parties,
  device: z.coerce.number().int().optional(),
  acknowledged: flag.optional(),
});
export const receiptsQuery = z.strictObject({ ...waiting, ...parties, type: z.string().optional() });
export const presencesQuery = z.strictObject({
  ...waiting,
  from: z.string().optional(),
  to: z.string().optional(),
  type: z.string().optional(),
});
export const callsQuery = z.strictObject({ ...waiting, ...callParties });
export const errorsQuery = z.strictObject({
  ...waiting,
  kind: z.string().optional(),
  session: z.string().optional(),
});
export const connectionsQuery = z.strictObject({
  ...waiting,
  session: z.string().optional(),
  ready: flag.optional(),
});

export const pairingsQuery = z.strictObject({ ...waiting, codeFor: z.string().optional() });

export type MessageFilter = Partial<z.output<typeof messagesQuery>>;
export type DeliveryFilter = Partial<z.output<typeof deliveriesQuery>>;
export type ReceiptFilter = Partial<z.output<typeof receiptsQuery>>;
export type PresenceFilter = Partial<z.output<typeof presencesQuery>>;
export type CallFilter = Partial<z.output<typeof callsQuery>>;
export type PairingFilter = Partial<z.output<typeof pairingsQuery>>;
export type ErrorFilter = Partial<z.output<typeof errorsQuery>>;
export type ConnectionFilter = Partial<z.output<typeof connectionsQuery>>;
