/**
 * The pages of docs/reference are what the code says today, and the OpenAPI document describes what is served.
 * When this fails: npm run build:gateway && node docs/reference/generate.mjs, and look at the difference.
 */
import { readFileSync } from 'node:fs';
import { referencePages } from '../../gateway/src/docs.js';
import { ERROR_TABLE } from '../../gateway/src/domain/error.js';
import { ALL_ROUTES } from '../../gateway/src/http/routes/index.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const { version } = JSON.parse(read('../../gateway/package.json')) as { version: string };
const pages = referencePages(version);

it.each(Object.keys(pages))('docs/reference/%s is current', (name) => {
  expect(read(`../../docs/reference/${name}`)).toBe(pages[name]);
});

describe('openapi.json', () => {
  interface Operation {
    operationId: string;
    parameters: { name: string; in: string; required?: boolean }[];
    responses: Record<string, { description: string }>;
    security?: unknown[];
  }
  const document = JSON.parse(pages['openapi.json'] ?? '') as {
    openapi: string;
    info: { version: string };
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Record<string, unknown>> };
  };
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );

  it('is OpenAPI 3.1 with the version of the program', () => {
    expect([document.openapi, document.info.version]).toEqual(['3.1.0', version]);
  });

  it('lists every route that is served, and no other', () => {
    const listed = operations.map(({ method, path }) => `${method} ${path}`);
    expect(listed.sort()).toEqual(ALL_ROUTES.map(({ spec }) => `${spec.method} ${spec.path}`).sort());
  });

  it('gives every operation an id of its own, its path parameters and its answers', () => {
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    for (const { path, operation } of operations) {
      const named = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(named.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(named.every(({ required }) => required)).toBe(true);
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['500', '503']));
      if (operation.security === undefined) expect(operation.responses).toHaveProperty('401');
    }
  });

  it('has every schema that it refers to, and only strict objects in requests', () => {
    const text = pages['openapi.json'] ?? '';
    const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(references.length).toBeGreaterThan(0);
    for (const name of references) expect(document.components.schemas).toHaveProperty(String(name));
    expect(Object.keys(document.components.schemas).filter((name) => name.startsWith('_'))).toEqual([]);
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      if (schema.type === 'object' && 'properties' in schema) {
        expect([name, schema.additionalProperties]).toEqual([name, false]);
      }
    }
  });

  it('names no error code that the table does not have', () => {
    const codes = [...(pages['openapi.json'] ?? '').matchAll(/`([a-z]+_[a-z_]+)`/g)].map(([, code]) =>
      String(code),
    );
    const words = codes.filter((code) => !(code in ERROR_TABLE));
    expect(new Set(words)).toEqual(new Set([]));
  });
});
