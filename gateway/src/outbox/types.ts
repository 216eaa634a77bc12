/**
 * The outbox as its callers see it. What it needs itself is in ports.ts.
 */
import type { Caller } from '../domain/apiKey.js';
import type {
  Campaign,
  CampaignCounts,
  CampaignRecipient,
  LinkedFile,
  Variables,
} from '../domain/campaign.js';
import type {
  EditContent,
  Hold,
  Message,
  MessageContent,
  MessageStatus,
  ReactionContent,
  RevokeContent,
} from '../domain/message.js';
import type { OptOut } from '../domain/optOut.js';
import type { Cooldown, Policy, Range } from '../domain/policy.js';
import type { Restriction } from '../domain/restriction.js';
import type { Session } from '../domain/session.js';

/** Content as a caller gives it: another message is named by our id or by WhatsApp's. */
export type NewContent =
  | Exclude<MessageContent, ReactionContent | EditContent | RevokeContent>
  | { type: 'reaction'; reaction: { messageId: string; emoji: string } }
  | { type: 'edit'; edit: { messageId: string; body: string } }
  | { type: 'revoke'; revoke: { messageId: string } };

/** A file that is fetched once nothing else stands against the message; for a repeated idempotency key it never is. */
export interface FileContent {
  type: 'file';
  /** @throws GatewayError as http/content says; nothing is left behind then */
  fetch: () => Promise<NewContent>;
  /** Removes what was fetched, because no message came of it. */
  drop: () => Promise<void>;
}

export interface NewMessage {
  sessionId?: string | undefined;
  /** As the caller wrote it: phone number or JID. */
  to: string;
  content: NewContent | FileContent;
  /** The message that it quotes, by our id or WhatsApp's. */
  contextMessageId?: string | undefined;
  /** Milliseconds since 1970. */
  sendAt?: number | undefined;
  expiresAt?: number | undefined;
  /** Higher goes first, between chats; 0 when absent. */
  priority?: number | undefined;
  /** Whether typing is shown first; absent: as the policy says. */
  typing?: boolean | undefined;
  reference?: string | undefined;
  /** The campaign that it belongs to. */
  campaignId?: string | undefined;
  /** Check everything, store and send nothing. */
  dryRun?: boolean | undefined;
}

export interface Idempotency {
  key: string;
  /** Hash of the request body: the same key with another hash is refused. */
  bodyHash: string;
}

/** One message of many. */
export interface Submission {
  message: NewMessage;
  idempotency: Idempotency | null;
}

export interface Enqueued {
  message: Message;
  /** True when the idempotency key had been used before, and this is the message made then. */
  replayed: boolean;
  /** Its session as it was read for it; absent for one that was made before. */
  session?: Session;
}

export interface MessageFilter {
  sessionIds: string[];
  status?: MessageStatus | undefined;
  to?: string | undefined;
  reference?: string | undefined;
  campaignId?: string | undefined;
  /** Only what this API key sent. */
  keyId?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

export interface QueueState {
  size: number;
  nextSendAt: number | null;
  hold: Hold | null;
  messagesToday: number;
}

/** Of one cap: how much is used in the stretch of time that ends now. */
export interface CapLimit {
  max: number;
  used: number;
  left: number;
  /** When the next message fits under it; null: now. */
  freesAt: number | null;
}

/** What the session's policy limits; null: no limit. */
export interface Limits {
  policy: Policy;
  gap: { gapMs: Range | null; lastSentAt: number | null };
  /** `used`: messages since the last pause. */
  cooldown: (Cooldown & { used: number }) | null;
  perMinute: CapLimit | null;
  perHour: CapLimit | null;
  perDay: CapLimit | null;
  perMonth: CapLimit | null;
  newRecipientsPerDay: CapLimit | null;
  /** Null: over, or switched off. */
  warmUp: (CapLimit & { day: number; days: number; dayEndsAt: number }) | null;
  /** What WhatsApp told of the number. */
  restrictions: (Restriction & { message: string })[];
  queue: { size: number; max: number | null; left: number | null; paused: boolean };
  messagesToday: number;
  /** When a message could go at the soonest; null: when the cause in `hold` is gone, which nobody can say. */
  nextSendAt: number | null;
  hold: Hold | null;
}

/** Why a message waits, and when it will probably go; null: nobody can say, or it does not wait. */
export interface MessageOutlook {
  hold: Hold | null;
  estimatedSendAt: number | null;
}

/** What one recipient has of a message: the person written to, or a member of the group. */
export interface MessageRecipient {
  jid: string;
  /** Digits without +, when known. */
  phone: string | null;
  lid: string | null;
  /** Milliseconds since 1970; null: not yet. */
  deliveredAt: number | null;
  readAt: number | null;
  playedAt: number | null;
}

export interface OptOutPage {
  data: OptOut[];
  nextCursor: string | null;
}

/** People who do not want to be written to; a recipient is given as for a message. */
export interface OptOutList {
  /** @throws GatewayError recipient_invalid, as do all below that take a recipient */
  put: (recipient: string) => Promise<{ optOut: OptOut; created: boolean }>;
  /** @throws GatewayError opt_out_not_found */
  get: (recipient: string) => Promise<OptOut>;
  /** @throws GatewayError opt_out_not_found */
  remove: (recipient: string) => Promise<void>;
  list: (page: { limit: number; cursor?: string | undefined }) => Promise<OptOutPage>;
}

/** What a campaign sends, with {{variables}}; a file that is the same for all is fetched already. */
export interface CampaignTemplate {
  content: NewContent | LinkedFile;
  priority?: number | undefined;
  typing?: boolean | undefined;
  expiresAt?: number | undefined;
}

export interface NewCampaign {
  name: string;
  sessionIds: string[];
  template: Omit<CampaignTemplate, 'content'> & { content: NewContent | FileContent | LinkedFile };
  recipients: { to: string; variables: Variables }[];
  /** Milliseconds since 1970. */
  sendAt?: number | undefined;
}

/** One line of a campaign's report. */
export interface ReportRow {
  recipient: CampaignRecipient;
  message: Message | null;
}

export interface Campaigns {
  /**
   * Stores the campaign with all its recipients; their messages are made in the background.
   * @throws GatewayError forbidden, session_not_found, idempotency_key_reused, and as `FileContent.fetch`
   */
  create: (
    caller: Caller,
    campaign: NewCampaign,
    idempotency: Idempotency | null,
  ) => Promise<{ campaign: Campaign; replayed: boolean }>;
  /** @throws GatewayError campaign_not_found, as do all below that take an id */
  get: (id: string) => Promise<Campaign>;
  /** Newest first; with a key only what it made. */
  list: (page: {
    keyId?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }) => Promise<{ data: Campaign[]; nextCursor: string | null }>;
  describe: (campaign: Campaign) => Promise<{ counts: CampaignCounts; estimatedEndAt: number | null }>;
  /** The first recipients that get nothing, with the reason. */
  refused: (id: string, limit: number) => Promise<CampaignRecipient[]>;
  /** Nothing more of it goes out until it is resumed. @throws GatewayError invalid_state */
  pause: (id: string) => Promise<Campaign>;
  /** @throws GatewayError invalid_state */
  resume: (id: string) => Promise<Campaign>;
  /** Ends it for good: what waits is cancelled, what was sent stays. @throws GatewayError invalid_state */
  cancel: (id: string) => Promise<Campaign>;
  /** All recipients in their order, page by page. */
  report: (id: string) => AsyncIterable<ReportRow[]>;
}

export interface Outbox {
  campaigns: Campaigns;
  optOuts: OptOutList;
  /**
   * Stores a message durably; it is sent when its turn comes.
   * @throws GatewayError recipient_invalid, recipient_not_on_whatsapp, no_session, session_not_found, forbidden,
   *   recipient_opted_out, recipient_cooldown, minute_limit_reached, daily_limit_reached, quota_exceeded, queue_full,
   *   message_not_found, invalid_state, idempotency_key_reused, shutting_down
   */
  enqueue: (caller: Caller, message: NewMessage, idempotency: Idempotency | null) => Promise<Enqueued>;
  /** Accepts each by itself, in the order given; an error in the place of one that is refused. */
  enqueueMany: (caller: Caller, submissions: Submission[]) => Promise<(Enqueued | Error)[]>;
  /** Finds by our id or by WhatsApp's. @throws GatewayError message_not_found */
  get: (id: string) => Promise<Message>;
  list: (filter: MessageFilter) => Promise<{ data: Message[]; nextCursor: string | null }>;
  /** Who has received, read and played it, as far as receipts have come. */
  recipientsOf: (message: Message) => Promise<MessageRecipient[]>;
  /** Waits until the message has reached the status or a final one, at most `timeoutMs`; answers as it then stands. */
  waitFor: (id: string, status: MessageStatus, timeoutMs: number) => Promise<Message>;
  /** @throws GatewayError message_not_found, invalid_state when it has been handed over or is final */
  cancel: (id: string) => Promise<Message>;
  /** Puts a failed message back into the queue. @throws GatewayError message_not_found, invalid_state */
  retry: (id: string) => Promise<Message>;
  queueState: (sessionId: string) => Promise<QueueState>;
  /** @throws GatewayError session_not_found */
  limits: (sessionId: string) => Promise<Limits>;
  describe: (message: Message, session?: Session) => Promise<MessageOutlook>;
}
