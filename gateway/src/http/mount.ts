/**
 * Serves routes with Express: key, rate limit, body, schemas, handler, answer, in this order. Used by http/app.
 * Knows no route in particular; whatever throws ends in http/problem.
 */
import type { Request, RequestHandler, Response, Router } from 'express';
import { z } from 'zod';
import { gatewayError, type FieldError } from '../domain/error.js';
import { authorize, callerOf } from './auth.js';
import { JSON_LIMIT_BYTES, jsonReader, type ReadBody } from './body.js';
import type { RouteDeps } from './deps.js';
import { fieldErrors } from './fieldErrors.js';
import { IN_SENTENCES } from './fieldSentences.js';
import { parseWithNulls } from './nulls.js';
import type { CountRequest } from './rateLimit.js';
import type { Answer, AnySpec, CheckedRequest, Route } from './route.js';

export interface MountOptions {
  deps: RouteDeps;
  countRequest: CountRequest;
  stopping: AbortSignal;
}

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

/** A route without a query schema knows no query: a misspelt or misplaced one must not be ignored. */
const nothing = z.strictObject({});

type Part = 'params' | 'query' | 'headers' | 'body';

/** All parts of the request through their schemas; the problems of all parts are told together. */
function check(spec: AnySpec, given: Record<Part, unknown>): Record<Part, unknown> {
  const errors: FieldError[] = [];
  const parse = (part: Part): unknown => {
    const schema = spec[part] ?? (part === 'query' ? nothing : undefined);
    if (!schema) return undefined;
    const parsed =
      part === 'body' && spec.method !== 'patch'
        ? parseWithNulls(schema, given[part])
        : schema.safeParse(given[part], IN_SENTENCES);
    if (parsed.success) return parsed.data;
    errors.push(...fieldErrors(parsed.error));
    return undefined;
  };
  const checked = {
    params: parse('params'),
    query: parse('query'),
    headers: parse('headers'),
    body: parse('body'),
  };
  if (errors.length > 0) throw gatewayError('invalid_request', undefined, { errors });
  return checked;
}

function send(response: Response, answer: Answer): void {
  if (answer === 'written') return;
  response.status(answer.status).set(answer.headers ?? {});
  if ('json' in answer) response.json(answer.json);
  else if (answer.status === 204) response.end();
  else response.type(answer.contentType).send(answer.bytes);
}

/** What a route without a body is sent: nothing at all, or an empty object, as some clients do. */
const emptyBody = nothing.optional();

async function readBody(spec: AnySpec, read: ReadBody, { request, response }: Sides): Promise<unknown> {
  if (spec.rawBody || spec.method === 'get') return undefined;
  const body = await read(request, response);
  if (spec.body && body !== undefined) return body;
  if (spec.body) return spec.body.safeParse({}).success ? {} : missingBody();
  emptyBody.parse(body, IN_SENTENCES);
  return undefined;
}

function missingBody(): never {
  throw gatewayError('invalid_request', 'The request has no body.', {
    errors: [{ path: '', message: 'is required' }],
  });
}

interface Sides {
  request: Request;
  response: Response;
}

function handlerOf({ spec, handle }: Route, { deps, countRequest, stopping }: MountOptions): RequestHandler {
  const read = jsonReader(spec.bodyLimitBytes ?? JSON_LIMIT_BYTES);
  return async (request, response) => {
    response.locals.route = spec.path;
    await authorize(deps.keys, spec, { request, response });
    if (spec.access !== 'public') await countRequest(callerOf(response).keyId);
    const body = await readBody(spec, read, { request, response });
    const { params, query, headers } = request;
    const checked: CheckedRequest<unknown, unknown, unknown, unknown> = {
      ...check(spec, { params, query, headers, body }),
      stopping,
      request,
      response,
      get caller() {
        return callerOf(response);
      },
    };
    const answer = await handle(deps, checked);
    // What was read may have been committed a moment ago; what a handler itself has written is durable already.
    if (spec.method === 'get' && spec.access !== 'public') await deps.durable();
    send(response, answer);
  };
}

/** Adds every route; a known path with a method it does not have is told which it has. */
export function mount(router: Router, routes: Route[], options: MountOptions): void {
  const methods = new Map<string, string[]>();
  for (const route of routes) {
    const path = expressPath(route.spec.path);
    router[route.spec.method](path, handlerOf(route, options));
    methods.set(path, [...(methods.get(path) ?? []), route.spec.method.toUpperCase()]);
  }
  for (const [path, allowed] of methods) {
    router.all(path, (request, response) => {
      const head = allowed.includes('GET') ? ['HEAD'] : [];
      response.set('Allow', [...allowed, ...head, 'OPTIONS'].join(', '));
      if (request.method === 'OPTIONS') {
        response.status(204).end();
        return;
      }
      throw gatewayError(
        'not_found',
        `${request.method} is not possible here, only ${allowed.join(' and ')}.`,
      );
    });
  }
}
