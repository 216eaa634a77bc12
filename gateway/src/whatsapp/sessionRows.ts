/**
 * The sessions as rows: created, read and changed by any process. Touches no socket: the bell and the owner's poll carry
 * a change to where the socket is.
 */
import { randomBytes } from 'node:crypto';
import { readUntil } from '../cluster/until.js';
import { gatewayError } from '../domain/error.js';
import { mergePolicy } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import type { SessionUpdate } from '../store/sessions.js';
import type { WhatsAppDeps } from './ports.js';
import type { NewSession, Page, PageRequest, Sessions } from './types.js';

const newSessionId = (): string => `s-${randomBytes(6).toString('hex')}`;

type RowsDeps = Pick<WhatsAppDeps, 'store' | 'bell' | 'clock' | 'pollOwnership'>;

export interface SessionRows extends Pick<Sessions, 'create' | 'get' | 'list' | 'patch' | 'waitFor'> {
  /** Changes the row and wakes whoever follows it. @throws GatewayError session_not_found */
  update: (id: string, patch: SessionUpdate) => Promise<Session>;
}

export function createSessionRows(deps: RowsDeps): SessionRows {
  const { store, bell, clock } = deps;

  async function get(id: string): Promise<Session> {
    const session = await store.sessions.find(id);
    if (session) return session;
    throw gatewayError('session_not_found', `There is no session ${id}.`);
  }

  async function update(id: string, patch: SessionUpdate): Promise<Session> {
    const session = await store.sessions.update(id, patch);
    if (!session) throw gatewayError('session_not_found', `There is no session ${id}.`);
    bell.ring(`session:${id}`);
    bell.ring(`outbox:${id}`);
    return session;
  }

  async function create(input: NewSession): Promise<Session> {
    const id = input.id ?? newSessionId();
    const inserted = await store.sessions.insert({
      id,
      name: input.name ?? null,
      metadata: input.metadata ?? {},
      policy: input.policy ?? null,
      desired: input.start ? 'started' : 'stopped',
      downloadMedia: input.downloadMedia,
      ownMessages: input.ownMessages,
      now: clock.now(),
    });
    if (!inserted) throw gatewayError('session_exists', `A session with the id ${id} exists already.`);
    const session = await get(id);
    await deps.pollOwnership();
    return session;
  }

  async function list({ limit, cursor, sessionIds }: PageRequest): Promise<Page<Session>> {
    const rows = await store.sessions.list({ limit: limit + 1, cursor, sessionIds });
    const data = rows.slice(0, limit);
    return { data, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
  }

  return {
    create,
    get,
    list,
    update,
    async patch(id, { policy, ...plain }) {
      if (policy === undefined) return update(id, plain);
      const before = await get(id);
      return update(id, { ...plain, policy: mergePolicy(before.policy, policy) });
    },
    waitFor: (id, status, timeoutMs) =>
      readUntil(deps, {
        topic: `session:${id}`,
        read: () => get(id),
        done: (session) => session.status === status,
        timeoutMs,
      }),
  };
}
