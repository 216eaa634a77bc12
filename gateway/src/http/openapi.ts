/**
 * The OpenAPI document, made from the routes' own schemas by zod-openapi. Served at /openapi.json and kept in
 * docs/reference, where a change of the contract shows in review.
 */
import { z } from 'zod';
import {
  createDocument,
  type oas31,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { ERROR_TABLE, type ErrorCode } from '../domain/error.js';
import type { AnswerSpec, AnySpec, Route } from './route.js';
import { problem } from './schemas/common.js';

const PUBLIC_ERRORS: ErrorCode[] = ['internal', 'shutting_down'];
const KEY_ERRORS: ErrorCode[] = ['invalid_key', 'key_expired', 'forbidden', 'rate_limited'];
const JSON_BODY_ERRORS: ErrorCode[] = ['payload_too_large', 'unsupported_media'];

const retryAfter = z.string().meta({ description: 'Seconds to wait' });

/** Every code that the route can answer, also those that come from its shape. */
function errorsOf(spec: AnySpec): ErrorCode[] {
  const takesInput = spec.params ?? spec.query ?? spec.headers ?? spec.body ?? spec.rawBody;
  return [
    ...(takesInput ? (['invalid_request'] as const) : []),
    ...(spec.access === 'public' ? [] : KEY_ERRORS),
    ...(spec.body || spec.rawBody ? JSON_BODY_ERRORS : []),
    ...(spec.errors ?? []),
    ...PUBLIC_ERRORS,
  ];
}

function answerObject({ description, schema, contentTypes = [] }: AnswerSpec) {
  const content = Object.fromEntries(
    contentTypes.map((type) => [type, { schema: { type: 'string' as const } }]),
  );
  const all = schema ? { 'application/json': { schema }, ...content } : content;
  return Object.keys(all).length > 0 ? { description, content: all } : { description };
}

function errorObject(status: number, codes: ErrorCode[]) {
  const list = codes.map((code) => `\`${code}\``).join(', ');
  return {
    description: `${codes.length === 1 ? ERROR_TABLE[codes[0] ?? 'internal'].title : 'One of the codes'}: ${list}`,
    content: { 'application/problem+json': { schema: problem } },
    ...(status === 429 || status === 503 ? { headers: z.object({ 'Retry-After': retryAfter }) } : {}),
  };
}

function responsesOf(spec: AnySpec) {
  const responses: Record<string, ReturnType<typeof answerObject> | ReturnType<typeof errorObject>> = {};
  for (const [status, answer] of Object.entries(spec.answers)) responses[status] = answerObject(answer);
  const errors = errorsOf(spec);
  for (const status of new Set(errors.map((code) => ERROR_TABLE[code].status))) {
    const codes = errors.filter((code) => ERROR_TABLE[code].status === status);
    // Only readiness answers a status that errors use too, with a document of its own.
    responses[String(status)] ??= errorObject(status, codes);
  }
  return responses;
}

const asObject = (schema: z.ZodType | undefined): z.ZodObject | undefined =>
  schema instanceof z.ZodObject ? schema : undefined;

function bodyOf(spec: AnySpec) {
  if (spec.rawBody) {
    const file = {
      type: 'object' as const,
      properties: { file: { type: 'string' as const, format: 'binary' } },
    };
    return {
      required: true,
      content: { '*/*': { schema: { type: 'string' as const } }, 'multipart/form-data': { schema: file } },
    };
  }
  if (!spec.body) return undefined;
  // A body whose fields are all optional may be left out.
  return {
    required: !spec.body.safeParse({}).success,
    content: { 'application/json': { schema: spec.body } },
  };
}

const operationId = ({ method, path }: AnySpec): string => {
  const words = path
    .replace(/^\/v1\//, '')
    .split(/[^A-Za-z]+/)
    .filter(Boolean);
  return [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
};

function operationOf(spec: AnySpec): ZodOpenApiOperationObject {
  const requestBody = bodyOf(spec);
  const [path, query, header] = [asObject(spec.params), asObject(spec.query), asObject(spec.headers)];
  return {
    operationId: operationId(spec),
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    ...(spec.access === 'public' ? { security: [] } : {}),
    requestParams: { ...(path && { path }), ...(query && { query }), ...(header && { header }) },
    ...(requestBody && { requestBody }),
    responses: responsesOf(spec),
    ...(spec.access === 'public' ? {} : { 'x-permission': spec.access }),
  };
}

/** The whole document; `version` is the program's. */
export function openApiDocument(routes: Route[], version: string): oas31.OpenAPIObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const { spec } of routes) {
    paths[spec.path] = { ...paths[spec.path], [spec.method]: operationOf(spec) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description:
        'WhatsApp sessions, messages, webhooks and events over HTTP. Unknown fields are refused. Times are ISO 8601 in UTC; every answer carries X-Request-Id.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, { bearer: [] }],
    tags: [...new Set(routes.map(({ spec }) => spec.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  });
}
