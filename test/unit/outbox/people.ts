/**
 * People whom session `s1` writes to, and what they do: for tests of who waits for what. Used with a bed.
 */
import type { NewEvent } from '../../../gateway/src/domain/event.js';
import type { Message } from '../../../gateway/src/domain/message.js';
import type { PolicyInput } from '../../../gateway/src/domain/policy.js';
import { eventually } from '../../support/eventually.js';
import { text, type Bed } from './bed.js';

export const person = (n: number): string => `49151000000${String(n).padStart(2, '0')}`;
export const to = (n: number, body = String(n)) => ({ to: person(n), ...text(body) });

export const peopleOf = (bed: () => Bed) => ({
  use: (policy: PolicyInput) => bed().store.sessions.update('s1', { policy }),

  /** The message's hold, once it is held for this reason. */
  held: (message: Message, code: string) =>
    eventually(`${message.id} to be held: ${code}`, async () => {
      const { outbox } = bed();
      const { hold } = await outbox.describe(await outbox.get(message.id));
      return hold?.code === code ? hold : null;
    }),

  /** A text from somebody. */
  cameFrom: (n: number, body: string, more: object = {}): NewEvent => ({
    type: 'message.received',
    sessionId: 's1',
    data: {
      messageId: 'IN1',
      from: { phone: person(n), lid: `7700${String(n)}@lid` },
      chat: { jid: `${person(n)}@s.whatsapp.net`, kind: 'direct' },
      text: body,
      sentAt: new Date(bed().clock.now()).toISOString(),
      ...more,
    },
  }),

  receive: (event: NewEvent) => bed().store.transaction((tx) => bed().outbox.incoming(tx, event)),
});
