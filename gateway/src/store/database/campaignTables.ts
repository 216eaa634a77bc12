/**
 * The tables of migration 0007 as Kysely sees them; see schema.
 */
import type { Generated } from 'kysely';

interface CampaignsTable {
  id: string;
  key_id: string;
  /** Who made it, as JSON: messages are made in its name later. */
  caller: string;
  name: string;
  session_ids: string;
  template: string;
  send_at: number | null;
  state: string;
  total: number;
  /** Recipients before this one have their message or their refusal. */
  next_row: Generated<number>;
  /** Its waiting messages have yet to be cancelled. */
  canceling: Generated<number>;
  created_at: number;
  idempotency_key: string | null;
  body_hash: string | null;
}

interface CampaignRecipientsTable {
  campaign_id: string;
  n: number;
  recipient: string;
  variables: string;
  message_id: string | null;
  error_code: string | null;
  error_message: string | null;
}

export interface CampaignTables {
  campaigns: CampaignsTable;
  campaign_recipients: CampaignRecipientsTable;
}
