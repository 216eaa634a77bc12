/**
 * What stands around the content of a message: what it quotes, whom it mentions, that it was forwarded, the
 * advertisement that it answers. Pure; used by fromWhatsApp.
 */
import type { proto } from '@whiskeysockets/baileys';
import { textOf } from './text.js';
import { unwrap } from './wrappers.js';

/** The advertisement or link preview that a chat began with (click to WhatsApp). */
export interface Advertisement {
  title: string | null;
  body: string | null;
  sourceUrl: string | null;
  sourceId: string | null;
  /** Click id, to report a conversion back to the advertiser. */
  clickId: string | null;
}

export interface Surroundings {
  /** `participant`: JID of whoever wrote the quoted message. */
  quoted: { messageId: string; participant: string | null; text: string | null } | null;
  mentions: string[];
  forwarded: boolean;
  advertisement: Advertisement | null;
}

/** WhatsApp's context of a message, which hangs at whatever part carries the content. */
function contextInfoOf(message: proto.IMessage): proto.IContextInfo | null {
  for (const part of Object.values(message) as unknown[]) {
    if (typeof part !== 'object' || part === null || !('contextInfo' in part)) continue;
    if (part.contextInfo) return part.contextInfo;
  }
  return null;
}

function advertisementOf({ externalAdReply: ad }: proto.IContextInfo): Advertisement | null {
  // A plain link preview is shown the same way, but has no source.
  if (!ad || !(ad.sourceId || ad.ctwaClid || ad.sourceType === 'ad')) return null;
  return {
    title: ad.title ?? null,
    body: ad.body ?? null,
    sourceUrl: ad.sourceUrl ?? null,
    sourceId: ad.sourceId ?? null,
    clickId: ad.ctwaClid ?? null,
  };
}

/** Reads what stands around the content of an unwrapped message. */
export function surroundingsOf(inner: proto.IMessage): Surroundings {
  const info = contextInfoOf(inner);
  if (!info) return { quoted: null, mentions: [], forwarded: false, advertisement: null };
  const { stanzaId, participant, quotedMessage, mentionedJid, isForwarded, forwardingScore } = info;
  return {
    quoted: stanzaId
      ? {
          messageId: stanzaId,
          participant: participant || null,
          text: quotedMessage ? textOf(unwrap(quotedMessage).inner) : null,
        }
      : null,
    mentions: mentionedJid ?? [],
    forwarded: (isForwarded ?? false) || (forwardingScore ?? 0) > 0,
    advertisement: advertisementOf(info),
  };
}
