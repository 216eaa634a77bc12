/**
 * Statements that are built and compiled once and then run with values: building and compiling a query anew costs many
 * times its run on the embedded database. For what every message needs; anything else is written as a plain query.
 */
import type { CompiledQuery, Compilable, Kysely, QueryResult } from 'kysely';
import type { Engine, Executor, Schema } from './index.js';

/** A query that is known to answer one row at the most, which the embedded database is asked for more cheaply. */
export type Compiled<R = unknown> = CompiledQuery<R> & { oneRow?: boolean };

/** Runs a compiled query where the other queries of a context run, without Kysely's way to the connection. */
export type RunCompiled = <R>(query: Compiled<R>) => Promise<QueryResult<R>>;

/** Where a statement runs. */
export interface StatementContext {
  q: Executor;
  engine: Engine;
  /** On the embedded database, where Kysely's way to the connection costs more than most statements. */
  run?: RunCompiled | undefined;
}

export type Statement<V, R> = (context: StatementContext, values: V) => Promise<QueryResult<R>>;

/** Stands in a query for a value that each run gives. */
interface Placeholder {
  placeholder: string;
}

type Read<V> = (values: V) => unknown;

interface Template<V, R> {
  query: CompiledQuery<R>;
  parameters: Read<V>[];
}

const placeholders = new Proxy(
  {},
  {
    get: (_target, name) => ({ placeholder: String(name) }),
  },
);

const isPlaceholder = (value: unknown): value is Placeholder =>
  typeof value === 'object' && value !== null && 'placeholder' in value;

type Build<V, R> = (q: Kysely<Schema>, values: V, engine: Engine) => Compilable<R>;

function make<V, R>(build: Build<V, R>, { oneRow }: { oneRow: boolean }): Statement<V, R> {
  const known: Partial<Record<Engine, Template<V, R>>> = {};

  function compile({ q, engine }: StatementContext): Template<V, R> {
    const query = build(q, placeholders as V, engine).compile();
    const parameters = query.parameters.map((value): Read<V> => {
      if (!isPlaceholder(value)) return () => value;
      const name = value.placeholder as keyof V;
      return (values) => values[name];
    });
    return { query, parameters };
  }

  return (context, values) => {
    const { query, parameters } = (known[context.engine] ??= compile(context));
    const { sql, queryId } = query;
    const given = parameters.map((read) => read(values));
    const compiled = { query: query.query, queryId, sql, parameters: given, oneRow };
    return context.run ? context.run(compiled) : context.q.executeQuery(compiled);
  };
}

/**
 * @param build gets the database and, in place of each value, something that stands for it; it must not look at them.
 * A value that is null in one run and not in another is fine, but for comparisons, which SQL writes differently then.
 */
export const statement = <V, R>(build: Build<V, R>): Statement<V, R> => make(build, { oneRow: false });

/** The same for what cannot find, or give back, more than one row: by a unique key, with a limit of one, one row inserted. */
export const oneRowStatement = <V, R>(build: Build<V, R>): Statement<V, R> => make(build, { oneRow: true });
