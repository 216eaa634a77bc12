/**
 * Regular expressions that users give as `filter.textMatches`: checked when they are given, and run with a time limit,
 * because a pattern such as `(a+)+$` can hold the process for hours on one message. Used by webhooks and the publisher.
 */
import { createContext, Script } from 'node:vm';
import { gatewayError, type GatewayError } from '../domain/error.js';
import type { TextMatcher } from '../domain/event.js';

const LONGEST_PATTERN = 500;
/** Of wall time, so there is room for a machine that is busy with something else. */
const RUN_LIMIT_MS = 100;
/** When a pattern is given, on texts made to provoke it. */
const CHECK_LIMIT_MS = 250;
/** Times in a row that a pattern may hit the limit before it is not run any more. */
const MAX_TIMEOUTS = 3;

type LimitedTest = (pattern: RegExp, text: string) => boolean | 'too slow';

/** Node stops a script at its time limit in the middle of a regular expression; nothing else does that. */
function createLimitedTest(timeout: number): LimitedTest {
  const script = new Script('pattern.test(text)');
  const globals: { pattern?: RegExp; text?: string } = {};
  const context = createContext(globals);
  return (pattern, text) => {
    Object.assign(globals, { pattern, text });
    try {
      return script.runInContext(context, { timeout }) === true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'too slow';
      throw error;
    }
  };
}

/**
 * A matcher for wantsEvent. A pattern that is too slow for a text counts as a match: it is better to deliver a message
 * that the receiver did not ask for than to lose one that it did. After a few such times it is not run any more.
 */
export function createTextMatcher(onTooSlow: () => void): TextMatcher {
  const test = createLimitedTest(RUN_LIMIT_MS);
  const timeouts = new Map<string, number>();
  return (source, text) => {
    const before = timeouts.get(source) ?? 0;
    if (before >= MAX_TIMEOUTS) return true;
    const result = test(new RegExp(source, 'u'), text);
    if (result !== 'too slow') {
      timeouts.delete(source);
      return result;
    }
    timeouts.set(source, before + 1);
    onTooSlow();
    return true;
  };
}

const invalid = (message: string): GatewayError =>
  gatewayError('invalid_request', `filter.textMatches ${message}.`, {
    errors: [{ path: 'filter.textMatches', message }],
  });

/** A group that repeats and holds a repetition or a choice: the usual form of a pattern that takes exponential time. */
const NESTED_REPETITION = /\((?:[^()\\]|\\.)*(?:[*+}|])(?:[^()\\]|\\.)*\)(?:[*+]|\{\d+,\d*\})/u;

/** Texts that make bad patterns try all they can: repeats of what the pattern speaks of, and no match at the end. */
function provocations(source: string): string[] {
  const literals = [...new Set(source.replace(/\\[a-z]/giu, '').replace(/[^\p{L}\p{N} ]/gu, ''))].slice(0, 6);
  return [...literals, 'a', '1', ' ', 'a1 '].map(
    (unit) => `${unit.repeat(Math.ceil(2_000 / unit.length))}\u0000`,
  );
}

/** @throws GatewayError invalid_request when it does not compile, is too long, or takes too long */
export function checkTextPattern(source: string): void {
  if (source.length > LONGEST_PATTERN) throw invalid(`is longer than ${LONGEST_PATTERN} characters`);
  let pattern: RegExp;
  try {
    pattern = new RegExp(source, 'u');
  } catch {
    throw invalid('is not a regular expression');
  }
  if (NESTED_REPETITION.test(source))
    throw invalid('repeats a group that has a repetition or a choice in it');
  const test = createLimitedTest(CHECK_LIMIT_MS);
  if (provocations(source).some((text) => test(pattern, text) === 'too slow')) {
    throw invalid('takes too long on some texts; make its repetitions shorter or more specific');
  }
}
