/**
 * Writes what became of an inbox entry: its events, the poll that came, the vote that counts. Part of the inbox loop,
 * inside of its transaction.
 */
import type { InboxEntry } from '../store/inbox.js';
import type { Nouns } from '../store/index.js';
import type { Converted, CountedVote } from './incoming/message.js';
import { tally } from './incoming/votes.js';
import type { InboxFiles, InboxFilesDeps } from './inboxFiles.js';

/** An entry and what it was converted to. */
export interface Read {
  entry: InboxEntry;
  converted: Converted;
}

/** Publishes what a conversion gave; answers what became of it, for whoever looks into the table. */
export function createWriter(deps: InboxFilesDeps, sessionId: string, files: InboxFiles) {
  const { clock } = deps;

  async function count(tx: Nouns, { poll, voter, choice }: CountedVote): Promise<Record<string, unknown>> {
    const choices = await tx.polls.vote(sessionId, poll.messageId, { voter, choice });
    const voters = choices.filter((chosen) => chosen.length > 0).length;
    return { results: tally(poll.options, choices), voters };
  }

  return async function write(tx: Nouns, { entry, converted }: Read): Promise<string> {
    if ('ignored' in converted) return `ignored: ${converted.ignored}`;
    const { events, poll, vote } = converted;
    if (poll) await tx.polls.keep(sessionId, poll, clock.now());
    const counted = vote ? await count(tx, vote) : {};
    let outcome = 'repeated';
    for (const event of events) {
      const data = { ...event.data, ...counted };
      if (!(await files.publish(tx, { entry, event: { ...event, data } }))) continue;
      outcome = 'event';
      await deps.onIncoming(tx, { ...event, data });
    }
    return outcome;
  };
}
