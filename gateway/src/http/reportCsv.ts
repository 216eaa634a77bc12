/**
 * A campaign's report as CSV (RFC 4180), for spreadsheets. Cells that a spreadsheet would take for a formula are marked
 * as text (OWASP, "CSV Injection"). Pure; used by routes/campaigns.
 */
import type { ReportRow } from '../outbox/types.js';
import type { MessageStatus } from '../domain/message.js';
import { toNullableTime } from './schemas/common.js';

const FORMULA = /^[=+\-@\t\r]/;

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const line = (cells: (string | number | null)[]): string => `${cells.map(cell).join(',')}\r\n`;

export const REPORT_HEAD = line([
  'row',
  'to',
  'status',
  'code',
  'reason',
  'sessionId',
  'messageId',
  'sentAt',
  'deliveredAt',
  'readAt',
]);

export function toReportLine({ recipient, message }: ReportRow): string {
  const at = (status: MessageStatus): string | null =>
    toNullableTime(message?.timeline.find((entry) => entry.status === status)?.at ?? null);
  const { refusal } = recipient;
  const status = message?.status ?? (refusal ? 'rejected' : 'pending');
  const why = refusal ?? message?.error ?? null;
  return line([
    recipient.row + 1,
    recipient.to,
    status,
    why?.code ?? null,
    why?.message ?? null,
    message?.sessionId ?? null,
    message?.id ?? null,
    at('sent'),
    at('delivered'),
    at('read'),
  ]);
}
