/**
 * Questions that only a session's live socket can answer: groups, presence, read receipts, recipients, pairing codes.
 * Asked in any process; answered where the socket is, directly or through cluster/commands.
 */
import type { Address } from '../domain/address.js';
import { gatewayError } from '../domain/error.js';
import type { Group } from '../domain/group.js';
import type { PairingCode } from '../domain/session.js';
import type { Question } from '../cluster/commands.js';
import { askGroup, askGroups } from './groups.js';
import type { WhatsAppDeps } from './ports.js';
import type { Recipients } from './recipients.js';
import type { WhatsAppSession } from './session.js';
import type { ChatState, Recipient } from './types.js';

/** A message that came in, as a read receipt names it. */
export interface ReadKey {
  remoteJid: string;
  id: string;
  participant?: string | undefined;
}

/** What can be asked, with what, and what is answered; all of it goes through JSON. */
interface Kinds {
  pairing_code: { input: { phone: string }; answer: PairingCode };
  recipient: { input: Address; answer: Recipient | null };
  groups: { input: null; answer: Group[] };
  group: { input: { jid: string }; answer: Group };
  presence: { input: { jid: string | null; state: ChatState }; answer: null };
  read: { input: ReadKey[]; answer: null };
}
type Kind = keyof Kinds;

export type Ask = <K extends Kind>(
  kind: K,
  sessionId: string,
  input: Kinds[K]['input'],
) => Promise<Kinds[K]['answer']>;

export interface QuestionsDeps extends Pick<WhatsAppDeps, 'fenceOf' | 'askOwner'> {
  live: (sessionId: string) => WhatsAppSession | null;
  recipients: Pick<Recipients, 'lookUp'>;
  onError: (error: unknown) => void;
}

const unavailable = (detail: string): Error =>
  gatewayError('session_not_connected', detail, { retryAfterSeconds: 5 });

/** Baileys' words for what a chat or the contact list shows. */
const PRESENCES = {
  available: 'available',
  unavailable: 'unavailable',
  typing: 'composing',
  recording: 'recording',
  paused: 'paused',
} as const satisfies Record<ChatState, string>;

type Answers = { [K in Kind]: (sessionId: string, input: Kinds[K]['input']) => Promise<Kinds[K]['answer']> };

function createAnswers({ live, recipients, onError }: QuestionsDeps): Answers {
  function open(sessionId: string): WhatsAppSession {
    const session = live(sessionId);
    if (session?.isOpen()) return session;
    throw unavailable(`Session ${sessionId} is not connected to WhatsApp at the moment.`);
  }

  async function pairingCode(sessionId: string, phone: string): Promise<PairingCode> {
    const session = live(sessionId);
    const expiresAt = session?.pairingEndsAt() ?? null;
    if (!session || expiresAt === null) throw unavailable('The connection to WhatsApp is being opened.');
    try {
      return { code: await session.client.requestPairingCode(phone), expiresAt };
    } catch (error) {
      onError(error);
      throw unavailable('WhatsApp could not be asked for a code at the moment.');
    }
  }

  return {
    pairing_code: (sessionId, { phone }) => pairingCode(sessionId, phone),
    recipient: (sessionId, address) => recipients.lookUp(live(sessionId), address),
    // Not declared async, these would throw instead of reject when the session is not open.
    groups: async (sessionId) => askGroups(open(sessionId).client),
    group: async (sessionId, { jid }) => askGroup(open(sessionId).client, jid),
    async presence(sessionId, { jid, state }) {
      await open(sessionId).client.sendPresenceUpdate(PRESENCES[state], jid ?? undefined);
      return null;
    },
    async read(sessionId, keys) {
      await open(sessionId).client.readMessages(
        keys.map((key) => ({ ...key, participant: key.participant ?? null, fromMe: false })),
      );
      return null;
    },
  };
}

const isKind = (answers: Answers, kind: string): kind is Kind => Object.hasOwn(answers, kind);

export interface Questions {
  /** Asks whichever process owns the session. @throws GatewayError session_not_connected, and what the answer throws */
  ask: Ask;
  /** Answers what another process asks about a session owned here. @throws GatewayError */
  answer: (question: Question) => Promise<unknown>;
}

export function createQuestions(deps: QuestionsDeps): Questions {
  const answers = createAnswers(deps);
  return {
    async ask(kind, sessionId, input) {
      if (deps.fenceOf(sessionId) !== null) return answers[kind](sessionId, input);
      type Answer = Kinds[typeof kind]['answer'];
      return (await deps.askOwner({ sessionId, kind, input })) as Answer;
    },
    async answer({ sessionId, kind, input }) {
      // A process of another version may ask what this one does not know.
      if (!isKind(answers, kind)) throw unavailable('The process that holds the session does not know this.');
      const answer = answers[kind] as (sessionId: string, input: unknown) => Promise<unknown>;
      return answer(sessionId, input);
    },
  };
}
