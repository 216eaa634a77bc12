/**
 * Every way in which a message can end unsent, each through the code that ends it: the error says what happened and what to
 * do, in words of somebody who sends newsletters.
 */
import { ERROR_TABLE } from '../../../gateway/src/domain/error.js';
import { SEND_FAILURES, failureOf, withAdvice } from '../../../gateway/src/domain/failure.js';
import type { Message, MessageError, SendOutcome } from '../../../gateway/src/domain/message.js';
import { MAX_SEND_ATTEMPTS } from '../../../gateway/src/domain/retry.js';
import { changesFor } from '../../../gateway/src/outbox/changes.js';
import { refusalOf } from '../../../gateway/src/whatsapp/ackErrors.js';
import { messageOf } from '../../store/builders.js';

const AT = { now: 1_000, random: 0 };
const lastTry = (): Message => ({ ...messageOf(), position: 1, attempts: MAX_SEND_ATTEMPTS });
const firstTry = (): Message => ({ ...lastTry(), attempts: 1 });

const rejected = ({ code, message, retryable }: MessageError): SendOutcome => ({
  kind: 'rejected',
  code,
  message,
  retryable,
});
const refused = (number: string): SendOutcome => rejected(refusalOf(number));
const unknown = (reason: 'no_acknowledgement' | 'no_answer' | 'send_error'): SendOutcome => ({
  kind: 'unknown',
  reason,
});

/** How each code comes about; one that is missing here fails the test below. */
const WAYS: [code: string, outcome: SendOutcome | MessageError][] = [
  ['not_allowed', refused('403')],
  ['recipient_not_on_whatsapp', refused('404')],
  ['whatsapp_rate_limited', refused('429')],
  ['reachout_restricted', refused('463')],
  ['stale_device_session', refused('479')],
  ['whatsapp_error', refused('500')],
  ['whatsapp_unavailable', refused('503')],
  ['whatsapp_487', refused('487')],
  ['no_acknowledgement', unknown('no_acknowledgement')],
  ['no_answer', unknown('no_answer')],
  ['send_failed', unknown('send_error')],
  ['media_not_found', rejected(failureOf('media_not_found'))],
  ['media_too_large', rejected({ code: 'media_too_large', message: 'The file is large.', retryable: false })],
  // These end a message that waits; outbox/settle takes them from the same table.
  ['expired', withAdvice(failureOf('expired'))],
  ['recipient_opted_out', withAdvice(failureOf('recipient_opted_out'))],
];

const errorOf = (outcome: SendOutcome | MessageError, message: Message): MessageError => {
  if (!('kind' in outcome)) return outcome;
  const { error } = changesFor(message, outcome, AT);
  if (!error) throw new Error('it did not fail');
  return error;
};

/** Words that only those know who have read the code or the protocol. */
const JARGON =
  /\b(ack|nack|jid|lid|stanza|receipt|baileys|signal|usync|relay|idempotency|null|undefined|exception|timeout|socket|http|4\d\d|5\d\d)\b/i;

test.each(WAYS)('%s says what happened and what to do', (code, outcome) => {
  const { code: told, message } = errorOf(outcome, lastTry());
  expect(told).toBe(code);
  const sentences = message.match(/[A-Z][^.]*[^.\s]\.(?=\s|$)/g) ?? [];
  // What happened, and then at least one sentence to do something about it.
  expect(sentences.length).toBeGreaterThanOrEqual(2);
  expect(message).toMatch(/^[A-Z].*\.$/);
  expect(message.length).toBeLessThan(320);
  expect(message).toMatch(
    /\b(retry|check|take|send|pause|upload|wait|nothing is to be done|lower|ask|open|tell)\b/i,
  );
  // The one number that helps whoever asks about a refusal that nobody knows.
  expect(message.replace(/with error \d+/, '')).not.toMatch(JARGON);
});

test('every code of the table comes about in one of these ways', () => {
  const covered = WAYS.map(([code]) => code);
  for (const code of Object.keys(SEND_FAILURES)) expect(covered).toContain(code);
});

test('the rest of the error table has something to do for each code, too', () => {
  for (const [code, { title, hint }] of Object.entries(ERROR_TABLE)) {
    const { message } = withAdvice({ code, message: `${title}.`, retryable: false });
    // Of a message, a file's code has more to say.
    if (!Object.hasOwn(SEND_FAILURES, code)) expect(message).toBe(`${title}. ${hint}`);
    expect(hint).toMatch(/\.$/);
  }
});

test('while it is tried again by itself nobody is told to do anything', () => {
  const outcome = refused('503');
  const waiting = changesFor(firstTry(), outcome, AT);
  expect(waiting).toMatchObject({
    status: 'queued',
    error: failureOf('whatsapp_unavailable'),
    hold: { code: 'retry', message: 'tried once: WhatsApp is not available at the moment.' },
  });
  expect(changesFor(lastTry(), outcome, AT).status).toBe('failed');
});
