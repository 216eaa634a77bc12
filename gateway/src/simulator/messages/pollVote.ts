/**
 * Encrypts a vote with the poll's secret, which came inside the poll. Formats as in Baileys' `decryptPollVote`.
 */
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';

export interface Vote {
  pollId: string;
  /** JIDs without device. */
  creator: string;
  voter: string;
  secret: Uint8Array;
  options: string[];
}

const hmac = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();

/** The encrypted part of a poll update. */
export function encryptVote(vote: Vote): proto.Message.IPollEncValue {
  const selectedOptions = vote.options.map((option) => createHash('sha256').update(option).digest());
  const plaintext = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish();
  const sign = Buffer.from(`${vote.pollId}${vote.creator}${vote.voter}Poll Vote\u0001`);
  const key = hmac(hmac(Buffer.alloc(32), vote.secret), sign);
  const encIv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, encIv);
  cipher.setAAD(Buffer.from(`${vote.pollId}\u0000${vote.voter}`));
  const encPayload = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { encIv, encPayload };
}
