/**
 * What is wrong with a field, in words that need no schema beside them. Given to zod where requests are parsed
 * (http/mount, routes/batch, routes/campaigns); a sentence that a schema gives itself wins. Never repeats a value.
 */
import type { z } from 'zod';

type Raw = z.core.$ZodRawIssue;

export const IS_REQUIRED = 'is required';

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
  undefined: 'left out',
};

/** What a type is called; used by fieldErrors for a choice of several. */
export const typeName = (type: string): string => TYPES[type] ?? type;

const entries = (count: unknown): string => (Number(count) === 1 ? 'entry' : 'entries');

function tooSmall({ origin, minimum }: Extract<Raw, { code: 'too_small' }>): string {
  if (origin === 'array') return `must have at least ${String(minimum)} ${entries(minimum)}`;
  if (origin !== 'string') return `must be at least ${String(minimum)}`;
  return Number(minimum) === 1 ? 'must not be empty' : `must have at least ${String(minimum)} characters`;
}

function tooBig({ origin, maximum }: Extract<Raw, { code: 'too_big' }>): string {
  if (origin === 'array') return `must have at most ${String(maximum)} ${entries(maximum)}`;
  const unit = origin === 'string' ? ' characters' : '';
  return unit === '' ? `must be at most ${String(maximum)}` : `must have at most ${String(maximum)}${unit}`;
}

function ofValues(values: readonly unknown[]): string {
  const names = values.map(String);
  return names.length === 1 ? `must be ${names[0] ?? ''}` : `must be one of ${names.join(', ')}`;
}

/** The sentence for an issue; undefined where zod's own serves. */
function fieldSentence(issue: Raw): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? IS_REQUIRED : `must be ${typeName(issue.expected)}`;
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return tooBig(issue);
    case 'invalid_value':
      return issue.input === undefined ? IS_REQUIRED : ofValues(issue.values);
    default:
      return undefined;
  }
}

/** For `parse` and `safeParse` of anything that a request brings. */
export const IN_SENTENCES = { error: fieldSentence };
