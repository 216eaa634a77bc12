/**
 * The sessions as the rest of the gateway sees them: rows that any process may change, and, for those owned here, the
 * supervisors that keep the live sockets. Put together here; what each part does is in its own file.
 */
import type { Message, SendOutcome } from '../domain/message.js';
import type { Fence } from '../domain/session.js';
import type { WhatsAppDeps } from './ports.js';
import { createChats } from './chats.js';
import { createDownloads } from './downloads.js';
import { createPairingCode } from './pairingCode.js';
import { createQuestions, type Questions } from './questions.js';
import { createRecipients } from './recipients.js';
import { createSending, type HowToSend } from './sending.js';
import { createSessionControl } from './sessionControl.js';
import { createSessionRows } from './sessionRows.js';
import { createSupervisors } from './supervisors.js';
import type { Recipient, Sessions } from './types.js';
import type { Address } from '../domain/address.js';

/** The sessions, with the edges that gateway.ts connects to ownership and to the outbox. */
export interface RunningSessions extends Sessions {
  own: (fence: Fence) => void;
  /** Lets go of a session whose lease is over. */
  disown: (sessionId: string) => Promise<void>;
  isReady: (sessionId: string) => boolean;
  /** What this process knows of a recipient, or can ask itself; null otherwise. */
  lookUp: (sessionId: string, address: Address) => Promise<Recipient | null>;
  /** Answers what another process asks of a session owned here. */
  answer: Questions['answer'];
  send: (fence: Fence, message: Message, how: HowToSend) => Promise<SendOutcome>;
  /** Closes all sockets and reports them as disconnected. */
  stop: () => Promise<void>;
}

export interface SessionsDeps extends WhatsAppDeps {
  onError: (error: unknown) => void;
  onRemoved: (sessionId: string) => void;
}

export function createSessions(deps: SessionsDeps): RunningSessions {
  const rows = createSessionRows(deps);
  const recipients = createRecipients(deps);
  const send = createSending({ ...deps, recipients });
  const { live, ...supervisors } = createSupervisors(deps);
  const { ask, answer } = createQuestions({ ...deps, live, recipients });
  const downloads = createDownloads({ ...deps, live });
  const { get, update, create, list, patch, waitFor } = rows;
  return {
    create,
    get,
    list,
    patch,
    waitFor,
    ...createSessionControl({ ...deps, get, update }),
    pairingCode: createPairingCode({ ...deps, get, ask }),
    ...createChats({ ...deps, get, ask }),
    answer,
    ...supervisors,
    own(fence) {
      supervisors.own(fence);
      deps.bell.ring('downloads');
    },
    async stop() {
      await downloads.stop();
      await supervisors.stop();
    },
    isReady: (id) => live(id)?.isOpen() ?? false,
    send: (_fence, message, how) => send(live(message.sessionId), message, how),
    lookUp: (id, address) => recipients.lookUp(live(id), address),
    async recipient(id, address) {
      await get(id);
      return ask('recipient', id, address);
    },
    async groups(id) {
      await get(id);
      return ask('groups', id, null);
    },
    async group(id, jid) {
      await get(id);
      return ask('group', id, { jid });
    },
  };
}
