/**
 * Whether an answer is what its route declares, to the last field: the schemas are strict, and openapi.json is made from
 * them. Every answer that a test gets from a gateway goes through here.
 */
import { ALL_ROUTES } from '../../gateway/src/http/routes/index.js';
import { problem } from '../../gateway/src/http/schemas/common.js';

interface GivenAnswer {
  status: number;
  contentType: string;
  json: unknown;
}

const SPECS = ALL_ROUTES.map(({ spec }) => ({
  spec,
  pattern: new RegExp(`^${spec.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

/** @throws Error when the shape is another than the declared one */
export function checkShape(method: string, path: string, { status, contentType, json }: GivenAnswer): void {
  if (contentType.startsWith('application/problem+json')) problem.parse(json);
  if (!contentType.startsWith('application/json')) return;
  const pathname = path.replace(/\?.*/, '');
  const found = SPECS.find(
    ({ spec, pattern }) => spec.method === method.toLowerCase() && pattern.test(pathname),
  );
  const answer = found?.spec.answers[status];
  if (!answer) throw new Error(`${method} ${pathname} does not declare an answer ${String(status)}`);
  const { error } = answer.schema?.safeParse(json) ?? {};
  if (error) throw new Error(`${method} ${pathname} answered another shape: ${error.message}`);
}
