/**
 * One operation of the API, said once: method, path, permission, schemas and errors, with the function that answers it.
 * http/mount serves it, http/openapi describes it, so that the two cannot differ. Used by every file of routes/.
 */
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Caller, Permission } from '../domain/apiKey.js';
import type { ErrorCode } from '../domain/error.js';
import type { RouteDeps } from './deps.js';

/** Who may call: the permission that the role must carry, any valid key, or everybody. */
export type Access = Permission | 'any-key' | 'public';

export interface AnswerSpec {
  description: string;
  /** Of a JSON answer. */
  schema?: z.ZodType;
  /** Content types of an answer that is not JSON. */
  contentTypes?: string[];
}

export interface RouteSpec<
  P extends z.ZodType,
  Q extends z.ZodType,
  H extends z.ZodType,
  B extends z.ZodType,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As in OpenAPI: `/v1/sessions/{id}`. A key limited to sessions is checked against the id of such a path. */
  path: `/${string}`;
  tag: string;
  summary: string;
  /** More for the reader of the docs. */
  description?: string;
  access: Access;
  params?: P;
  query?: Q;
  headers?: H;
  /** A JSON body. */
  body?: B;
  /** Instead of 1 MB. */
  bodyLimitBytes?: number;
  /** The body is a file: the handler reads the stream. */
  rawBody?: true;
  answers: Record<number, AnswerSpec>;
  /** Beside those that every route can answer. */
  errors?: ErrorCode[];
}

/** The request after every check; no unchecked data is in it. */
export interface CheckedRequest<P, Q, H, B> {
  params: P;
  query: Q;
  headers: H;
  body: B;
  /** Throws on a public route, where there is none. */
  readonly caller: Caller;
  /** Aborted when the gateway begins to stop: long waits end early. */
  stopping: AbortSignal;
  /** For raw bodies, content negotiation and streams. */
  request: Request;
  response: Response;
}

export interface JsonAnswer {
  status: number;
  json: unknown;
  headers?: Record<string, string>;
}

export type Answer =
  | JsonAnswer
  | { status: number; bytes: string | Buffer; contentType: string; headers?: Record<string, string> }
  /** The handler has written the answer itself. */
  | 'written';

export type AnySpec = RouteSpec<z.ZodType, z.ZodType, z.ZodType, z.ZodType>;

export interface Route {
  spec: AnySpec;
  handle: (deps: RouteDeps, request: CheckedRequest<unknown, unknown, unknown, unknown>) => Promise<Answer>;
}

type Nothing = z.ZodUndefined;

/** Binds a spec to its handler and types the handler's request by the spec's schemas. */
export function route<
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  H extends z.ZodType = Nothing,
  B extends z.ZodType = Nothing,
>(
  spec: RouteSpec<P, Q, H, B>,
  handle: (
    deps: RouteDeps,
    request: CheckedRequest<z.output<P>, z.output<Q>, z.output<H>, z.output<B>>,
  ) => Answer | Promise<Answer>,
): Route {
  return {
    spec,
    // The types are lost here only: http/mount hands over what these very schemas have parsed.
    handle: async (deps, request) => handle(deps, request as Parameters<typeof handle>[1]),
  };
}

export const ok = (json: unknown): JsonAnswer => ({ status: 200, json });
export const created = (json: unknown): JsonAnswer => ({ status: 201, json });
/** What a handler that wrote the answer itself returns. */
export const written = 'written' as const;
export const noContent: Answer = { status: 204, bytes: '', contentType: 'text/plain' };
