/**
 * Schema parts that several nouns share: ids, times, pages, waits. Used by the other files of schemas/ and by routes/.
 */
import { z } from 'zod';
import { ERROR_TABLE, type ErrorCode } from '../../domain/error.js';
import { SESSION_ID_PATTERN } from '../../domain/session.js';

export const MAX_WAIT_SECONDS = 60;

export const sessionId = z
  .string()
  .regex(SESSION_ID_PATTERN, 'must be 1-64 characters of A-Z a-z 0-9 - _')
  .meta({ description: '1-64 characters of `A-Z a-z 0-9 - _`', example: 'main' });

/** An id of ours or of WhatsApp; whether there is such a thing is the store's to say. */
export const anyId = z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/, 'is not an id');

export const idParams = z.strictObject({ id: anyId });
export const sessionParams = z.strictObject({ id: sessionId });

/** zod's pattern of a date is right and unreadable; `format` says the same. */
interface Overridable {
  jsonSchema: { pattern?: string };
}
const withoutPattern = ({ jsonSchema }: Overridable): void => {
  delete jsonSchema.pattern;
};

/** Any JSON value: the caller's own data, or an event's. It came through JSON, so there is nothing to check. */
export const jsonValue = z.unknown().meta({ description: 'Any JSON value' });

/** A time as it is answered: ISO 8601, UTC. */
export const time = z.iso.datetime().meta({ example: '2026-01-31T09:30:00.000Z', override: withoutPattern });

/** A time as it is given: ISO 8601 with `Z` or an offset; becomes milliseconds since 1970. */
export const givenTime = z.iso
  .datetime({
    offset: true,
    error: 'must be a time in ISO 8601 with Z or an offset, for example 2026-01-31T09:30:00Z',
  })
  .transform((text) => Date.parse(text))
  .meta({ override: withoutPattern });

/** A number in a query, where everything is text. */
export const queryNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))
    .meta({
      override: ({ jsonSchema }: Overridable) => {
        delete jsonSchema.pattern;
        Object.assign(jsonSchema, { type: 'integer', minimum: min, maximum: max });
      },
    });

export const seconds = (fallback: number) => queryNumber(0, MAX_WAIT_SECONDS).default(fallback);

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const cursor = (pattern: RegExp) =>
  z
    .string()
    .regex(pattern, 'does not belong to this list; use nextCursor of its page before')
    .optional()
    .meta({ description: '`nextCursor` of the page before', override: withoutPattern });

/** The query of every list; the pattern is that of its cursors, which are opaque to everybody else. */
export const pageFields = (pattern: RegExp) => ({
  limit: queryNumber(1, MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: cursor(pattern),
});
export const pageQuery = (pattern: RegExp) => z.strictObject(pageFields(pattern));

/** Cursors of lists that go by our ids. */
export const idCursor = (prefix: string): RegExp => new RegExp(`^${prefix}_[0-9a-f]{32}$`);

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    data: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'null: this was the last page' }),
  });

export const metadata = z
  .record(z.string().max(64), jsonValue)
  .refine((value) => JSON.stringify(value).length <= 16_384, 'must not be larger than 16 kB')
  .meta({ description: "The caller's own data, kept and given back" });

const errorCodes = Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]];

export const problem = z
  .strictObject({
    type: z.string().meta({ description: 'Where the code is explained' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened in this case, and what to do' }),
    code: z.enum(errorCodes),
    retryable: z.boolean().meta({ description: 'Whether the same request can succeed later' }),
    retryAfterSeconds: z.int().optional(),
    requestId: z.string(),
    errors: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Which fields do not fit' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });

/** Milliseconds since 1970 as the API writes them. */
export const toTime = (ms: number): string => new Date(ms).toISOString();
export const toNullableTime = (ms: number | null): string | null => (ms === null ? null : toTime(ms));
