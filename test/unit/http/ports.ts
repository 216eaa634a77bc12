/**
 * In-memory stand-ins for the ports behind the HTTP side: small, and only as true as the routes need. Each test makes
 * its own; what it wants to see happen it changes through the returned maps and hooks.
 */
import type { Address } from '../../../gateway/src/domain/address.js';
import { gatewayError } from '../../../gateway/src/domain/error.js';
import type { Group } from '../../../gateway/src/domain/group.js';
import {
  hasReached,
  isFinal,
  type Message,
  type MessageStatus,
} from '../../../gateway/src/domain/message.js';
import type { Session, SessionQr } from '../../../gateway/src/domain/session.js';
import { newId, newWhatsAppId } from '../../../gateway/src/lib/ids.js';
import type { Outbox } from '../../../gateway/src/outbox/types.js';
import { fakeCampaigns } from './campaignPort.js';
import { LIMITS } from './limits.js';
import { fakeOptOuts } from './optOutPort.js';
import type { Recipient, Sessions, ShownPresence } from '../../../gateway/src/whatsapp/types.js';

const NEW_SESSION: Omit<Session, 'id'> = {
  name: null,
  metadata: {},
  policy: null,
  desired: 'started',
  status: 'connected',
  reason: null,
  since: 1_000,
  phone: '491500000001',
  lid: null,
  pushName: null,
  request: null,
  queuePaused: false,
  downloadMedia: true,
  lastSentAt: null,
  lastActiveAt: null,
  createdAt: 1_000,
  ownMessages: false,
};

export function fakeSessions() {
  const rows = new Map<string, Session>();
  const codes = new Map<string, SessionQr>();
  const recipients = new Map<string, Recipient>();
  const waits: { id: string; status: string; timeoutMs: number }[] = [];
  const qrWaits: number[] = [];
  const groups = new Map<string, Group>();
  const presences: ShownPresence[] = [];
  const read: string[] = [];
  const found = (id: string): Session => {
    const row = rows.get(id);
    if (!row) throw gatewayError('session_not_found');
    return row;
  };
  const change = async (id: string, part: Partial<Session>): Promise<Session> => {
    const row = { ...found(id), ...part };
    rows.set(id, row);
    return Promise.resolve(row);
  };
  const port: Sessions = {
    create: async ({ id = 'made-up', name, metadata, policy, start }) => {
      if (rows.has(id)) throw gatewayError('session_exists');
      rows.set(id, { ...NEW_SESSION, id });
      return change(id, {
        name: name ?? null,
        metadata: metadata ?? {},
        policy: policy ?? null,
        status: start ? 'connecting' : 'created',
        phone: null,
      });
    },
    get: (id) => Promise.resolve().then(() => found(id)),
    list: ({ limit, cursor, sessionIds }) => {
      const seen = [...rows.values()].filter(
        ({ id }) =>
          (sessionIds.length === 0 || sessionIds.includes(id)) && (cursor === undefined || id > cursor),
      );
      const data = seen.slice(0, limit);
      return Promise.resolve({ data, nextCursor: seen.length > limit ? (data.at(-1)?.id ?? null) : null });
    },
    patch: (id, { name, metadata, policy }) =>
      change(id, {
        ...(name === undefined ? {} : { name }),
        ...(metadata && { metadata }),
        ...(policy === undefined ? {} : { policy }),
      }),
    remove: async (id) => {
      await change(id, {});
      rows.delete(id);
    },
    setDesired: (id, desired) =>
      change(id, { desired, status: desired === 'started' ? 'connecting' : 'stopped' }),
    setQueuePaused: (id, queuePaused) => change(id, { queuePaused }),
    logout: (id) => change(id, { status: 'logged_out', phone: null }),
    restart: (id, wipe) => change(id, { status: wipe ? 'qr' : 'connecting' }),
    waitFor: (id, status, timeoutMs) => {
      waits.push({ id, status, timeoutMs });
      return change(id, { status });
    },
    qr: async (id, waitMs) => {
      qrWaits.push(waitMs);
      if (found(id).status === 'connected') throw gatewayError('session_connected');
      const code = codes.get(id);
      if (!code) throw gatewayError('qr_not_available');
      return Promise.resolve(code);
    },
    pairingCode: async (id, phone) => {
      if (found(id).status === 'connected') throw gatewayError('session_connected');
      return Promise.resolve({ code: `FOR-${phone}`, expiresAt: 160_000 });
    },
    recipient: (id, { user }: Address) =>
      Promise.resolve().then(() => (found(id), recipients.get(user) ?? null)),
    groups: (id) => Promise.resolve().then(() => (found(id), [...groups.values()])),
    group: (id, jid) =>
      Promise.resolve().then(() => {
        found(id);
        const group = groups.get(jid);
        if (!group) throw gatewayError('group_not_found');
        return group;
      }),
    showPresence: (id, shown) => Promise.resolve().then(() => void (found(id), presences.push(shown))),
    markRead: (id, messageIds) => Promise.resolve().then(() => void (found(id), read.push(...messageIds))),
  };
  return {
    port,
    rows,
    codes,
    recipients,
    groups,
    presences,
    read,
    waits,
    qrWaits,
    add: (id: string) => rows.set(id, { ...NEW_SESSION, id }),
  };
}

type EnqueueCall = Parameters<Outbox['enqueue']>;

export function fakeOutbox() {
  const rows = new Map<string, Message>();
  const calls: EnqueueCall[] = [];
  const waits: { status: MessageStatus; timeoutMs: number }[] = [];
  /** What the next enqueue throws, and what waiting comes to. */
  const script: { refuse?: Error; reach?: Partial<Message>; replay?: Message; holdWait?: Promise<Message> } =
    {};
  const found = (id: string): Message => {
    const row = rows.get(id);
    if (!row) throw gatewayError('message_not_found');
    return row;
  };
  const change = async (id: string, part: Partial<Message>): Promise<Message> => {
    const row = { ...found(id), ...part };
    rows.set(id, row);
    return Promise.resolve(row);
  };
  const port: Outbox = {
    enqueue: async (...call) => {
      calls.push(call);
      const [caller, input] = call;
      if (script.refuse) throw script.refuse;
      if (script.replay) return { message: script.replay, replayed: true };
      const content = input.content.type === 'file' ? await input.content.fetch() : input.content;
      const message: Message = {
        position: rows.size + 1,
        id: newId('msg'),
        waId: newWhatsAppId(),
        sessionId: input.sessionId ?? 'main',
        keyId: caller.keyId,
        to: input.to,
        chatJid: 'x@s.whatsapp.net',
        // Without a target, which the real outbox looks up.
        content: content as Message['content'],
        contextMessageId: null,
        status: 'queued',
        priority: 0,
        queuedAt: 5_000,
        sendAt: input.sendAt ?? null,
        expiresAt: null,
        retryAt: null,
        hold: { code: 'gap', message: 'held 5 s', until: 10_000 },
        attempts: 0,
        error: null,
        timeline: [{ status: 'queued', at: 5_000 }],
        reference: input.reference ?? null,
        campaignId: null,
        test: caller.mode === 'test',
      };
      if (!input.dryRun) rows.set(message.id, message);
      return Promise.resolve({ message, replayed: false });
    },
    enqueueMany: (caller, submissions) =>
      Promise.all(submissions.map(({ message, idempotency }) => port.enqueue(caller, message, idempotency))),
    get: (id) => Promise.resolve().then(() => found(id)),
    list: ({ sessionIds, keyId, status, limit }) => {
      const seen = [...rows.values()].filter(
        (row) =>
          (sessionIds.length === 0 || sessionIds.includes(row.sessionId)) &&
          (keyId === undefined || row.keyId === keyId) &&
          (status === undefined || row.status === status),
      );
      return Promise.resolve({ data: seen.slice(0, limit), nextCursor: seen.length > limit ? 'next' : null });
    },
    recipientsOf: () => Promise.resolve([]),
    waitFor: (id, status, timeoutMs) => {
      waits.push({ status, timeoutMs });
      return script.holdWait ?? change(id, script.reach ?? {});
    },
    cancel: async (id) => {
      if (hasReached(found(id).status, 'sending')) throw gatewayError('invalid_state');
      return change(id, { status: 'canceled' });
    },
    retry: async (id) => {
      if (found(id).status !== 'failed') throw gatewayError('invalid_state');
      return change(id, { status: 'queued' });
    },
    queueState: () => Promise.resolve({ size: 2, nextSendAt: 10_000, hold: null, messagesToday: 7 }),
    campaigns: fakeCampaigns(),
    optOuts: fakeOptOuts(),
    limits: () => Promise.resolve(LIMITS),
    describe: ({ status, hold }) => {
      if (isFinal(status)) throw new Error('a final message has no estimate');
      return Promise.resolve({ hold, estimatedSendAt: 11_000 });
    },
  };
  return { port, rows, calls, waits, script };
}
