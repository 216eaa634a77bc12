/**
 * Messages that are right but for one field, made of the values in support/badMessages. `fieldsOf` reads the fields from
 * the API's own description, so that a new one without bad values fails the test.
 */
import type { Json } from '../../support/gatewayProcess.js';
import { bad, COMMON, empty, long, noText, type Bad, type Kind } from './badMessages.js';

/** A message of the kind with nothing wrong. */
export const validBody = (name: string, { member, more }: Kind): Json => ({
  sessionId: 'table',
  to: '4915550012002',
  type: name,
  ...more,
  [name]: member,
});

/** What is refused field by field; `type` is wrong alike for all. */
export const rowsOf = ({ fields }: Kind): Record<string, Bad[]> => ({
  ...COMMON,
  ...fields,
  type: [...noText, empty, bad('an unknown one', 'hologram'), long(100)],
});

/** The body with one field replaced, as `contacts[].name` names it; a list is spoilt in its first entry. */
export function spoil(body: Json, path: string, value: unknown): Json {
  const copy = structuredClone(body);
  const steps = path.replaceAll('[]', '.0').split('.');
  const last = steps.pop() ?? '';
  let at: Json = copy;
  for (const step of steps) {
    const inner = at[step];
    // Another form of the member than the valid body has, such as a vCard.
    if (typeof inner !== 'object' || inner === null || (Array.isArray(inner) && last === 'vcard'))
      at[step] = {};
    at = at[step] as Json;
  }
  if (['link', 'id'].includes(last) && 'data' in at) {
    delete at.data;
    delete at.mimeType;
  }
  at[last] = value;
  return copy;
}

interface Described {
  type?: string;
  const?: unknown;
  properties?: Record<string, Described>;
  items?: Described;
  anyOf?: Described[];
}

/** Every field that the description of a kind has, as the table names it. */
export function fieldsOf(schema: Described, prefix = ''): string[] {
  const own = prefix === '' ? [] : [prefix];
  const inObject = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    fieldsOf(inner, prefix === '' ? name : `${prefix}.${name}`),
  );
  const inList = schema.items ? fieldsOf(schema.items, `${prefix}[]`) : [];
  const inChoices = (schema.anyOf ?? []).flatMap((inner) => fieldsOf(inner, prefix));
  return [...new Set([...own, ...inObject, ...inList, ...inChoices])];
}
