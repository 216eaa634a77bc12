/**
 * How values stand in columns: JSON as text, bytes as either engine returns them. Used by the nouns of store/ only.
 */

/** Bytes of a column: a Buffer from Postgres, an ArrayBuffer from libsql. */
export const toBuffer = (value: Buffer | ArrayBuffer): Buffer =>
  Buffer.isBuffer(value) ? value : Buffer.from(value);

/** Reads a JSON column that this program wrote; the shape is the writer's. */
export const fromJson = (text: string): unknown => JSON.parse(text);

export const fromNullableJson = (text: string | null): unknown => (text === null ? null : fromJson(text));

export const toNullableJson = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value);

/** Affected rows of an update or delete, as a plain number. */
export const affected = (results: readonly { numUpdatedRows?: bigint; numDeletedRows?: bigint }[]): number =>
  results.reduce((sum, result) => sum + Number(result.numUpdatedRows ?? result.numDeletedRows ?? 0n), 0);
