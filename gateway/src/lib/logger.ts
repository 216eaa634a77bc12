/**
 * The log: pino as JSON lines on standard output, without phone numbers, texts, keys or QR codes.
 * Callers log ids, codes and counts; the redaction below is the second line of defence.
 */
import { pino, type Logger } from 'pino';

export type { Logger };

const REDACTED_PATHS = [
  'phone',
  'to',
  'from',
  'jid',
  'lid',
  'chat',
  'text',
  'body',
  'content',
  'qr',
  'key',
  'secret',
  'apiKey',
  'url',
  'headers',
].flatMap((name) => [name, `*.${name}`]);

/** Digits in a row that could be a phone number or the user part of a JID; ids of ours have letters between. */
const NUMBER = /(?<![\w-])\+?\d{7,20}(?=@|\b)(?![\w-])/g;
const hideNumbers = (text: string): string => text.replace(NUMBER, '[number]');

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: hideNumbers(error.message),
    code,
    stack: hideNumbers(error.stack ?? ''),
  };
}

/** A logger at `level`; `silent` turns it off. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    serializers: { err: serializeError, error: serializeError },
  });
}
