/**
 * Null where nothing is said: many clients write `"reference": null` for what they do not have. Such a member counts as
 * left out when its schema knows no null. Used where bodies that create something are parsed; a PATCH says with null that
 * a value is to go, so there it is never left out.
 */
import type { z } from 'zod';
import { IN_SENTENCES } from './fieldSentences.js';

type Issue = z.core.$ZodIssue;
type Path = PropertyKey[];

/** Where something does not fit, also within the branches of a union. */
const placesOf = (issues: Issue[], prefix: Path = []): Path[] =>
  issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    const inner = issue.code === 'invalid_union' ? issue.errors : [];
    return [path, ...inner.flatMap((branch) => placesOf(branch, path))];
  });

/** The value without its member at the path if that is null; undefined when it is not. */
function without(value: unknown, [name, ...rest]: Path): unknown {
  if (name === undefined || typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
    return undefined;
  const member = (value as Record<PropertyKey, unknown>)[name];
  if (Array.isArray(value)) {
    const changed = without(member, rest);
    return changed === undefined ? undefined : value.toSpliced(Number(name), 1, changed);
  }
  if (member !== null) {
    const changed = without(member, rest);
    return changed === undefined ? undefined : { ...value, [name]: changed };
  }
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

/** Like the schema's own safeParse, but null counts as left out. */
export function parseWithNulls<T extends z.ZodType>(
  schema: T,
  given: unknown,
): z.ZodSafeParseResult<z.output<T>> {
  let latest = schema.safeParse(given, IN_SENTENCES);
  let value = given;
  while (!latest.success) {
    const before = value;
    for (const path of placesOf(latest.error.issues)) value = without(value, path) ?? value;
    if (value === before) return latest;
    latest = schema.safeParse(value, IN_SENTENCES);
  }
  return latest;
}
