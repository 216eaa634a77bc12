/**
 * Turns zod's issues into the `errors` of a problem document: one path and one plain sentence per field.
 * Used by http/route when a request does not fit. Never repeats a value: it may be a phone number or a text.
 */
import type { z } from 'zod';
import type { FieldError } from '../domain/error.js';
import { IS_REQUIRED, typeName } from './fieldSentences.js';

type Issue = z.core.$ZodIssue;

const dotted = (path: PropertyKey[]): string => path.map(String).join('.');

/** The types that the value itself, not a part of it, was expected to have. */
const expectedTypes = (issues: Issue[]): string[] =>
  issues.flatMap((issue) =>
    issue.code === 'invalid_type' && issue.path.length === 0 ? [issue.expected] : [],
  );

/** What is wrong by the branch of a union that the value was meant for: the one whose type fitted. */
function ofLikeliestBranch(branches: Issue[][], path: PropertyKey[]): FieldError[] {
  const fitting = branches.find((issues) => expectedTypes(issues).length === 0);
  if (fitting) return fitting.flatMap((inner) => toFieldErrors(inner, path));
  if (branches.flat().some(({ message }) => message === IS_REQUIRED))
    return [{ path: dotted(path), message: IS_REQUIRED }];
  const names = new Set(branches.flatMap(expectedTypes).map(typeName));
  return [{ path: dotted(path), message: `must be ${[...names].join(' or ')}` }];
}

function toFieldErrors(issue: Issue, prefix: PropertyKey[]): FieldError[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: dotted([...path, key]),
      message: 'is not a field that this version knows here',
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return ofLikeliestBranch(issue.errors, path);
  }
  return [{ path: dotted(path), message: issue.message }];
}

/** One entry per field that does not fit, in the order of the request. */
export const fieldErrors = (error: z.ZodError): FieldError[] =>
  error.issues.flatMap((issue) => toFieldErrors(issue, []));
