/**
 * How long the WhatsApp side waits for what: one place, in milliseconds. Tests shorten what they wait for.
 */
export interface Timing {
  /** From the start of a socket to the server's first word. */
  connectMs: number;
  /** From the start of a socket to its first QR code or its login. */
  openMs: number;
  /** Between two looks at a link. */
  watchMs: number;
  /** A link on which nothing comes for so long is dead, although it seems open. */
  silenceMs: number;
  /** Between two pings of the client; each is answered, so a link that lives is never silent for longer. */
  keepAliveMs: number;
  /** Between two questions of our own that the server has to answer. */
  probeMs: number;
  /** How long it may take to answer one; two in a row without an answer end the link. */
  probeAnswerMs: number;
  /** An incoming message that is not dealt with for so long has blocked those behind it. */
  stuckMs: number;
  /** A connection that has held for so long counts as a good one: the next reconnect is quick again. */
  steadyMs: number;
  /** A message that cannot be decrypted is waited for so long before it is reported. */
  missingAfterMs: number;
  /** From a message that cannot be decrypted to asking the own phone for it: its sender was asked at once. */
  askPhoneMs: number;
  /** From a login to asking again for what came before it: what is on its way comes first. */
  askAfterLoginMs: number;
  /** From one request for a message that cannot be decrypted to the next. */
  askAgainMs: number;
}

export const TIMING: Timing = {
  connectMs: 20_000,
  openMs: 45_000,
  watchMs: 4_000,
  // With watchMs, and a ping every 12 s, a dead link is known within 30 s.
  silenceMs: 25_000,
  keepAliveMs: 12_000,
  probeMs: 60_000,
  probeAnswerMs: 15_000,
  // More than the longest question that the client may ask on the way (see socketConfig), several times over.
  stuckMs: 90_000,
  steadyMs: 60_000,
  missingAfterMs: 300_000,
  askPhoneMs: 2_000,
  askAfterLoginMs: 5_000,
  askAgainMs: 60_000,
};
