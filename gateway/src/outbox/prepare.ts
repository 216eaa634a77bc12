/**
 * Everything that is decided of a message before it is written: its session, its chat, what it is about, its row.
 * Used by enqueue, and by batch for each of its messages; reads the store and asks WhatsApp, writes nothing.
 */
import { parseRecipient, plainAddress } from '../domain/address.js';
import type { Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import type { Session } from '../domain/session.js';
import type { MessageInsert } from '../store/messages.js';
import { createChecks } from './checks.js';
import { newMessage } from './newMessage.js';
import type { OutboxDeps } from './ports.js';
import { findTarget, quotedWaId, referenceOf, resolveContent, sessionOf } from './targets.js';
import type { NewMessage } from './types.js';

export interface Prepared {
  row: MessageInsert;
  session: Session;
}

export type Prepare = (caller: Caller, input: NewMessage) => Promise<Prepared>;

/** Removes the file of a message that was prepared and came to nothing. */
export async function dropFile({ content }: NewMessage): Promise<void> {
  if (content.type === 'file') await content.drop();
}

/** @throws GatewayError as `Outbox.enqueue` says, but for queue_full and those of the idempotency key */
export function createPrepare(deps: Pick<OutboxDeps, 'store' | 'clock' | 'recipients'>): Prepare {
  const { store, clock } = deps;
  const checks = createChecks(deps);

  return async function prepare(caller, input) {
    const address = parseRecipient(input.to);
    const named = input.sessionId === undefined ? null : await checks.chooseSession(caller, input.sessionId);
    const id = referenceOf(input);
    const found =
      id === undefined ? null : await findTarget(store, caller, { id, sessionId: input.sessionId });
    // What is about another message goes through the session that has it.
    const session = named ?? (await checks.chooseSession(caller, found ? sessionOf(found) : undefined));
    const chatJid = await checks.resolveChat(session, address, caller.mode === 'test');
    const recipient = plainAddress(address);
    if (await store.optOuts.covers(recipient, chatJid)) throw gatewayError('recipient_opted_out');
    const given = input.content.type === 'file' ? await input.content.fetch() : input.content;
    const content = resolveContent({ caller, content: given, found, chatJid });
    const quoted = input.contextMessageId === undefined ? null : quotedWaId(found);
    const now = clock.now();
    const row = newMessage({ caller, input, session, address, chatJid, content, quotedWaId: quoted, now });
    return { row, session };
  };
}
