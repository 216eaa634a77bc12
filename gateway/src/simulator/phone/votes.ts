/**
 * Opens a vote in a poll with the poll's secret, as the phones do that have both. Used by entries.ts.
 */
import { createHash } from 'node:crypto';
import { decryptPollVote, type proto } from '@whiskeysockets/baileys';
import { jidOf, type Addressing } from '../directory/address.js';
import { lidOf } from '../directory/directory.js';

interface Ballot {
  pollId: string;
  options: string[];
  secret: string | null;
  /** Numbers. */
  creator: string;
  voter: string;
  addressing: Addressing;
}

const hashOf = (option: string): string => createHash('sha256').update(option).digest('hex');

/** The options that were voted for; undefined when the vote cannot be opened. */
export function openVote(vote: proto.Message.IPollEncValue, ballot: Ballot): string[] | undefined {
  const { pollId, options, secret, creator, voter, addressing } = ballot;
  if (secret === null) return undefined;
  const jid = (number: string): string => jidOf({ number, lid: lidOf(number) }, addressing);
  try {
    const { selectedOptions } = decryptPollVote(vote, {
      pollMsgId: pollId,
      pollEncKey: Buffer.from(secret, 'base64'),
      pollCreatorJid: jid(creator),
      voterJid: jid(voter),
    });
    const chosen = selectedOptions.map((hash) => Buffer.from(hash).toString('hex'));
    return options.filter((option) => chosen.includes(hashOf(option)));
  } catch {
    return undefined;
  }
}
