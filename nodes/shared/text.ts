/**
 * Values of n8n fields as text. An expression may give anything where a text is expected.
 */

/** `value` as text: nothing becomes empty, objects become JSON. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return value.toString();
  return JSON.stringify(value);
}
