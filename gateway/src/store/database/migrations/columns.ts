/**
 * The few places where the two engines name things differently, for the migrations alone.
 */
import { sql, type RawBuilder } from 'kysely';

export type Engine = 'sqlite' | 'postgres';

/** 64-bit whole number: counts, flags, and times in milliseconds since 1970. */
export const integer = (engine: Engine): RawBuilder<unknown> =>
  sql.raw(engine === 'sqlite' ? 'integer' : 'bigint');

export const bytes = (engine: Engine): RawBuilder<unknown> => sql.raw(engine === 'sqlite' ? 'blob' : 'bytea');

/** A number given by the database in the order of the inserts; the primary key of its table. */
export const position = (engine: Engine): RawBuilder<unknown> =>
  sql.raw(
    engine === 'sqlite'
      ? 'integer primary key autoincrement'
      : 'bigint generated always as identity primary key',
  );
