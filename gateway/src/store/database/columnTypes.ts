/**
 * Types of columns that the two engines read and write differently.
 */
import type { ColumnType } from 'kysely';

/** Written as bytes; read as Buffer from Postgres and as ArrayBuffer from libsql (see `toBuffer`). */
export type Bytes = ColumnType<Buffer | ArrayBuffer, Buffer, Buffer>;
export type NullableBytes = ColumnType<Buffer | ArrayBuffer | null, Buffer | null, Buffer | null>;
