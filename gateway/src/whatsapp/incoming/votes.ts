/**
 * Votes in a poll: decrypted with the poll's secret, and counted. Pure.
 * The voter's and the author's address are part of the key, and nobody says whether it is the phone's or the LID's: each is tried.
 */
import { createHash } from 'node:crypto';
import { decryptPollVote, type proto } from '@whiskeysockets/baileys';
import { phoneJid, type Identity } from '../../domain/address.js';

/** A poll that was sent or received. */
export interface Poll {
  messageId: string;
  question: string | null;
  options: string[];
  secret: Buffer;
  creator: Identity;
}

export interface PollResult {
  option: string;
  votes: number;
}

const jidsOf = ({ phone, lid }: Identity): string[] => [
  ...(phone === null ? [] : [phoneJid(phone)]),
  ...(lid === null ? [] : [lid]),
];

const hashOf = (option: string): string => createHash('sha256').update(option).digest('hex');

function decrypt(vote: proto.Message.IPollEncValue, poll: Poll, voter: Identity): Uint8Array[] | null {
  const { messageId: pollMsgId, secret: pollEncKey } = poll;
  const encrypted = {
    encPayload: vote.encPayload ?? new Uint8Array(),
    encIv: vote.encIv ?? new Uint8Array(),
  };
  for (const pollCreatorJid of jidsOf(poll.creator)) {
    for (const voterJid of jidsOf(voter)) {
      try {
        const context = { pollCreatorJid, pollMsgId, pollEncKey, voterJid };
        return decryptPollVote(encrypted, context).selectedOptions;
      } catch {
        // Another pair of addresses may be the one.
      }
    }
  }
  return null;
}

/** The options that the voter has chosen now, none after a vote was taken back; null when it cannot be decrypted. */
export function openVote(vote: proto.Message.IPollEncValue, poll: Poll, voter: Identity): string[] | null {
  const selected = decrypt(vote, poll, voter)?.map((hash) => Buffer.from(hash).toString('hex'));
  return selected ? poll.options.filter((option) => selected.includes(hashOf(option))) : null;
}

/** Counts the choices of all voters; options nobody chose have none. */
export const tally = (options: readonly string[], choices: readonly string[][]): PollResult[] =>
  options.map((option) => ({
    option,
    votes: choices.filter((chosen) => chosen.includes(option)).length,
  }));
