/**
 * What an incoming message means for sending: its writer is no stranger any more, what waits for them is a reply, and a
 * keyword puts them on the opt-out list. Runs in the transaction that writes the event, so each message counts once.
 */
import { splitJid } from '../domain/address.js';
import type { NewEvent } from '../domain/event.js';
import { optOutKeyword } from '../domain/optOut.js';
import { resolvePolicy, type OptOutRules } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import { newId, newWhatsAppId } from '../lib/ids.js';
import type { Nouns } from '../store/index.js';
import type { MessageInsert } from '../store/messages.js';
import { messageEvent } from './messageEvent.js';
import type { OutboxDeps } from './ports.js';

/** Called inside a transaction with each event that came from a person. */
export type Incoming = (tx: Nouns, event: NewEvent) => Promise<void>;

interface Writer {
  phone: string | null;
  lid: string | null;
  jid: string;
}

/** The answer goes before everything else that waits for the person. */
const ANSWER_PRIORITY = 100;

/** Who wrote in a direct chat; null: a group, or nobody. */
function writerOf({ type, data }: NewEvent): Writer | null {
  if (type !== 'message.received' && type !== 'message.reaction') return null;
  const chat = data.chat as { jid: string; kind: string } | undefined;
  const from = data.from as { phone: string | null; lid: string | null } | undefined;
  if (chat?.kind !== 'direct' || !from) return null;
  return { phone: from.phone, lid: from.lid, jid: chat.jid };
}

function answerTo({ jid, phone }: Writer, session: Session, { text, now }: { text: string; now: number }) {
  const row: MessageInsert = {
    id: newId('msg'),
    waId: newWhatsAppId(),
    sessionId: session.id,
    keyId: null,
    to: phone ?? jid,
    chatJid: jid,
    content: { type: 'text', text: { body: text } },
    contextMessageId: null,
    status: 'queued',
    priority: ANSWER_PRIORITY,
    queuedAt: now,
    sendAt: null,
    expiresAt: null,
    retryAt: null,
    hold: null,
    attempts: 0,
    error: null,
    timeline: [{ status: 'queued', at: now }],
    reference: null,
    campaignId: null,
    test: false,
    standing: 'reply',
  };
  return row;
}

export function createIncoming({ clock, publisher }: Pick<OutboxDeps, 'clock' | 'publisher'>): Incoming {
  /** Answers once, since only the first opt-out of a person comes here. */
  async function answer(tx: Nouns, session: Session, writer: Writer & { key: string; text: string }) {
    const row = answerTo(writer, session, { text: writer.text, now: clock.now() });
    const message = await tx.messages.insert(row);
    await tx.optOuts.setAnswer(writer.key, message.id);
    const event = messageEvent(message, message.status);
    if (event) await publisher.publish(tx, event);
  }

  async function optOut(tx: Nouns, session: Session, { writer, event, rules }: Asked): Promise<void> {
    const text = typeof event.data.text === 'string' ? event.data.text : '';
    const keyword = optOutKeyword(text, rules.keywords);
    if (keyword === null) return;
    const key = writer.phone ?? splitJid(writer.jid)?.user ?? writer.jid;
    const isNew = await tx.optOuts.insert({
      phone: key,
      chatJid: writer.jid,
      lid: writer.lid,
      source: 'keyword',
      keyword,
      sessionId: session.id,
      createdAt: clock.now(),
      answerMessageId: null,
    });
    if (!isNew) return;
    const { phone, lid, jid } = writer;
    const data = { phone, lid, jid, keyword, messageId: event.data.messageId };
    await publisher.publish(tx, { type: 'recipient.opted_out', sessionId: session.id, data });
    if (rules.answer !== null) await answer(tx, session, { ...writer, key, text: rules.answer });
  }

  return async function incoming(tx, event) {
    const writer = writerOf(event);
    const session = writer && (await tx.sessions.find(event.sessionId));
    if (!writer || !session) return;
    const lane = { sessionId: session.id, test: false };
    const written = Date.parse(String(event.data.sentAt));
    const at = Number.isNaN(written) ? clock.now() : Math.min(written, clock.now());
    // One person may be written to by either address.
    const jids = [...new Set([writer.jid, ...(writer.lid === null ? [] : [writer.lid])])];
    for (const jid of jids) await tx.contacts.received(lane, jid, at);
    await tx.messages.setStanding(lane, jids, 'reply');
    if (event.type !== 'message.received') return;
    await optOut(tx, session, { writer, event, rules: resolvePolicy(session.policy).optOut });
  };
}

interface Asked {
  writer: Writer;
  event: NewEvent;
  rules: OptOutRules;
}
