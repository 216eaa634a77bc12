/**
 * Values of fields, checked for shape before any call: an expression, a row of a sheet or an AI agent may give anything.
 * Used by envelope.ts and by operations with fields of their own. Nothing given is undefined; a wrong value is an error
 * that names the field. Must not make requests.
 */
import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { recipientFault } from './recipient';
import { toText } from './text';
import { toIsoInstant } from './time';

const SHOWN_CHARACTERS = 40;

interface WholeField {
  label: string;
  min: number;
  max: number;
}

interface ChoiceField<T extends string> {
  label: string;
  choices: readonly T[];
}

interface TextField {
  label: string;
  /** Characters. */
  max: number;
}

export interface ValueReader {
  whole: (value: unknown, field: WholeField) => number | undefined;
  truth: (value: unknown, label: string) => boolean | undefined;
  choice: <T extends string>(value: unknown, field: ChoiceField<T>) => T | undefined;
  text: (value: unknown, field: TextField) => string | undefined;
  /** ISO 8601 in UTC; a time without an offset is meant in the time zone of the workflow. */
  instant: (value: unknown, label: string) => string | undefined;
  /** Numbers or JIDs, from a list or a text with commas. */
  people: (value: unknown, label: string) => string[] | undefined;
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** Members of a list, or of a text with commas; nothing is an empty list. */
export function toList(value: unknown): string[] {
  const parts: unknown[] = Array.isArray(value) ? value : toText(value).split(',');
  return parts.map((part) => toText(part).trim()).filter((part) => part !== '');
}

/** A date of JavaScript or of n8n's `$now` as text; anything else as it is. */
function instantText(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  const luxon = value as { toISO?: () => string | null };
  return typeof luxon.toISO === 'function' ? (luxon.toISO() ?? '') : toText(value);
}

const TRUTHS = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
]);

/** A truth, also as an expression may give it: as text. Undefined for anything else. */
export const truthOf = (value: unknown): boolean | undefined =>
  TRUTHS.get(typeof value === 'string' ? value.trim().toLowerCase() : value);

/** Reads values for one item; each throws a NodeOperationError that says which field is wrong and what fits. */
export function valueReader(context: IExecuteFunctions, itemIndex: number): ValueReader {
  const refusal = (value: unknown, label: string, wanted: string): NodeOperationError => {
    const shown = toText(value).slice(0, SHOWN_CHARACTERS);
    const message = `The value "${shown}" in "${label}" is not valid. ${wanted}`;
    return new NodeOperationError(context.getNode(), message, { itemIndex });
  };
  return {
    whole(value, { label, min, max }) {
      if (isNothing(value)) return undefined;
      const number = typeof value === 'string' ? Number(value) : value;
      if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max)
        return number;
      throw refusal(value, label, `Give a whole number from ${min} to ${max}.`);
    },
    truth(value, label) {
      if (isNothing(value)) return undefined;
      const truth = truthOf(value);
      if (truth !== undefined) return truth;
      throw refusal(value, label, 'Give true or false.');
    },
    choice(value, { label, choices }) {
      if (isNothing(value)) return undefined;
      const choice = choices.find((one) => one === value);
      if (choice !== undefined) return choice;
      throw refusal(value, label, `Give one of ${choices.join(', ')}.`);
    },
    text(value, { label, max }) {
      if (isNothing(value)) return undefined;
      const text = toText(value);
      if (text.length <= max) return text;
      throw refusal(value, label, `It has ${text.length} characters, ${max} fit.`);
    },
    instant(value, label) {
      if (isNothing(value)) return undefined;
      const instant = toIsoInstant(instantText(value), context.getTimezone());
      if (instant !== undefined) return instant;
      throw refusal(value, label, 'Write the date like 2026-12-24T18:00:00.');
    },
    people(value, label) {
      const people = toList(value);
      for (const person of people) {
        const fault = person.endsWith('@g.us') ? 'a group is not a person' : recipientFault(person);
        if (fault === undefined) continue;
        throw refusal(person, label, `${fault.charAt(0).toUpperCase()}${fault.slice(1)}.`);
      }
      return people.length === 0 ? undefined : people;
    },
  };
}
