/**
 * The OpenAPI description of the control API, made from the same schemas that check the calls.
 */
import { z } from 'zod';
import { problemAnswer } from './answers.js';
import { OPERATIONS, type Operation } from './operations.js';

const toSchema = (schema: z.ZodType): { properties?: object } =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

const inJson = (schema: z.ZodType): object => ({ 'application/json': { schema: toSchema(schema) } });

const PROBLEM = {
  description: 'A problem (RFC 9457) with a reason',
  content: { 'application/problem+json': { schema: toSchema(problemAnswer) } },
};

/** The file as it was sent: pictures and sounds under their own type, everything else to be saved only. */
const FILE = { '*/*': { schema: { type: 'string', format: 'binary' } } };

function describeAnswers({ answer, status }: Operation): object {
  if (!answer) return { 204: { description: 'Done' }, default: PROBLEM };
  const content = answer === 'file' ? FILE : inJson(answer);
  return { [status ?? 200]: { description: 'Success', content }, default: PROBLEM };
}

function describe(operation: Operation, path: string): object {
  const { summary, body, query } = operation;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const { properties = {} } = query ? toSchema(query) : {};
  const inQuery = Object.entries(properties).map(([name, schema]: [string, unknown]) => ({
    name,
    in: 'query',
    schema,
  }));
  return {
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body && { requestBody: { required: true, content: inJson(body) } }),
    responses: describeAnswers(operation),
  };
}

/** The whole description (OpenAPI 3.1). */
export function createOpenApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const [method = '', path = ''] = name.split(' ');
    const template = `/control/v1${path.replace(/:(\w+)/g, '{$1}')}`;
    paths[template] = { ...paths[template], [method.toLowerCase()]: describe(operation, path) };
  }
  return { openapi: '3.1.0', info: { title: 'Sluice simulator control API', version: '1' }, paths };
}
