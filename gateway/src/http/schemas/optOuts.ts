/**
 * The opt-out list on the wire. Used by routes/optOuts.
 */
import { z } from 'zod';
import { OPT_OUT_SOURCES, type OptOut } from '../../domain/optOut.js';
import { pageOf, time, toTime } from './common.js';

export const optOutParams = z.strictObject({
  phone: z.string().min(1).max(100).meta({ description: 'Digits with or without +, or a JID' }),
});

export const optOut = z
  .strictObject({
    phone: z.string().meta({ description: 'Digits without +' }),
    jid: z.string().meta({ description: 'The chat that is not written to' }),
    lid: z.string().nullable(),
    source: z.enum(OPT_OUT_SOURCES),
    keyword: z.string().nullable().meta({ description: 'What the person wrote' }),
    sessionId: z.string().nullable().meta({ description: 'The session that it was written to' }),
    createdAt: time,
  })
  .meta({ id: 'OptOut', description: 'Somebody who does not want to be written to' });
export const optOutPage = pageOf(optOut);

export const toOptOut = (row: OptOut): z.output<typeof optOut> => ({
  phone: row.phone,
  jid: row.chatJid,
  lid: row.lid,
  source: row.source,
  keyword: row.keyword,
  sessionId: row.sessionId,
  createdAt: toTime(row.createdAt),
});
