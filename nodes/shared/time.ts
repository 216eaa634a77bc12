/**
 * Dates from n8n's date fields as instants. The picker gives local time without an offset, meant in the
 * workflow's time zone; expressions give offsets. Used by the options of messages.
 */
const HAS_OFFSET = /(Z|[+-]\d{2}:?\d{2})$/i;

/** Milliseconds by which `timeZone` is ahead of UTC at `instantMs`. */
function offsetMs(timeZone: string, instantMs: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instantMs);
  const part = (type: string): number => Number(parts.find((entry) => entry.type === type)?.value ?? 0);
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return local - Math.floor(instantMs / 1000) * 1000;
}

/** `text` as ISO 8601 UTC, or undefined when it is no date. */
export function toIsoInstant(text: string, timeZone: string): string | undefined {
  const trimmed = text.trim();
  const dateOnly = /^\d{4}-\d{2}-\d{2}$/.test(trimmed) ? `${trimmed}T00:00:00` : trimmed;
  const hasOffset = HAS_OFFSET.test(dateOnly) && dateOnly.includes(':');
  const asUtc = Date.parse(hasOffset ? dateOnly : `${dateOnly.replace(' ', 'T')}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  if (hasOffset) return new Date(asUtc).toISOString();
  // The offset at the guessed instant may differ from the one at the result when clocks change in between.
  const guess = asUtc - offsetMs(timeZone, asUtc);
  return new Date(asUtc - offsetMs(timeZone, guess)).toISOString();
}
