/**
 * The sessions as rows: created, read and changed by any process. Touches no socket: the bell and the owner's poll carry
 * a change to where the socket is.
 */
import { randomBytes } from 'node:crypto';
import { readUntil } from '../cluster/until.js';
import { gatewayError } from '../domain/error.js';
import type { Session } from '../domain/session.js';
import type { SessionUpdate } from '../store/sessions.js';
import { createPolicyChange } from './policyChange.js';
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
  const changePolicy = createPolicyChange(deps);

  async function get(id: string): Promise<Session> {
    const session = await store.sessions.find(id);
    if (session) return session;
    throw gatewayError('session_not_found', `There is no session ${id}.`);
  }

  const update = async (id: string, patch: SessionUpdate): Promise<Session> =>
    told(id, await store.sessions.update(id, patch));

  /** Wakes whoever follows a session that has changed. @throws GatewayError session_not_found */
  function told(id: string, session: Session | null): Session {
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
    patch: (id, { policy, ...plain }) =>
      policy === undefined
        ? update(id, plain)
        : changePolicy(id, plain, policy).then((changed) => told(id, changed)),
    waitFor: (id, status, timeoutMs) =>
      readUntil(deps, {
        topic: `session:${id}`,
        read: () => get(id),
        done: (session) => session.status === status,
        timeoutMs,
      }),
  };
}
