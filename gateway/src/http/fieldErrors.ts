/**
 * Turns zod's issues into the `errors` of a problem document: one path and one plain sentence per field.
 * Used by http/route when a request does not fit. Never repeats a value: it may be a phone number or a text.
 */
import type { z } from 'zod';
import type { FieldError } from '../domain/error.js';

type Issue = z.core.$ZodIssue;

const dotted = (path: PropertyKey[]): string => path.map(String).join('.');

/** The branch of a union that the value was meant for: the one whose type fitted, else the first. */
function likeliestBranch(branches: Issue[][]): Issue[] | undefined {
  const fitting = branches.find(
    (issues) => !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );
  return fitting ?? branches[0];
}

const isMissing = (issue: Issue): boolean =>
  issue.code === 'invalid_type' && issue.message.endsWith('received undefined');

function toFieldErrors(issue: Issue, prefix: PropertyKey[]): FieldError[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: dotted([...path, key]),
      message: 'is not a field that this version knows here',
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = likeliestBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => toFieldErrors(inner, path));
  }
  if (isMissing(issue)) return [{ path: dotted(path), message: 'is required' }];
  return [{ path: dotted(path), message: issue.message }];
}

/** One entry per field that does not fit, in the order of the request. */
export const fieldErrors = (error: z.ZodError): FieldError[] =>
  error.issues.flatMap((issue) => toFieldErrors(issue, []));
