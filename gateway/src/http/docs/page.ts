/**
 * The readable pages: /docs from the OpenAPI document, /docs/errors from the table of errors. Self-contained HTML
 * without scripts. Used by routes/docs.
 */
import { ERROR_TABLE } from '../../domain/error.js';
import { SEND_FAILURES } from '../../domain/failure.js';
import type { oas31 } from 'zod-openapi';
import { DOCS_STYLE } from './style.js';

type Document = oas31.OpenAPIObject;
type Operation = oas31.OperationObject;

const METHODS = ['get', 'post', 'patch', 'delete'] as const;

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/`([^`]+)`/g, '<code>$1</code>');

const page = (title: string, body: string): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>` +
  `<meta name="viewport" content="width=device-width"><style>${DOCS_STYLE}</style></head><body>${body}</body></html>\n`;

const jsonBlock = (value: unknown): string =>
  `<pre>${escape(JSON.stringify(value, null, 2)).replaceAll('`', '')}</pre>`;

function parameterRows({ parameters = [] }: Operation): string {
  const rows = parameters.map((parameter) => {
    if (!('name' in parameter)) return '';
    const { name, in: place, required, description = '' } = parameter;
    const must = required ? ', required' : '';
    return `<tr><td><code>${escape(name)}</code></td><td>${place}${must}</td><td>${escape(description)}</td></tr>`;
  });
  return rows.length > 0 ? `<table>${rows.join('')}</table>` : '';
}

function operationBlock(method: string, path: string, operation: Operation): string {
  const { summary = '', description = '', requestBody, responses = {} } = operation;
  const answers = Object.entries(responses).map(([status, response]) => {
    const { description: text = '' } = response as { description?: string };
    return `<tr><td>${status}</td><td>${escape(text)}</td></tr>`;
  });
  return [
    `<details><summary><b>${method.toUpperCase()}</b> <code>${escape(path)}</code> ${escape(summary)}</summary>`,
    `<p>${escape(description)}</p>`,
    parameterRows(operation),
    requestBody && 'content' in requestBody ? `<h4>Body</h4>${jsonBlock(requestBody.content)}` : '',
    `<h4>Answers</h4><table>${answers.join('')}</table></details>`,
  ].join('');
}

function tagSection(document: Document, tag: string): string {
  const blocks = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation?.tags?.includes(tag) ? [operationBlock(method, path, operation)] : [];
    }),
  );
  return `<h2>${escape(tag)}</h2>${blocks.join('')}`;
}

/** The page of all routes and schemas. */
export function docsPage(document: Document): string {
  const { info, tags = [], components } = document;
  const schemas = Object.entries(components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<details id="${escape(name)}"><summary>${escape(name)}</summary>${jsonBlock(schema)}</details>`,
  );
  return page(
    `${info.title} API`,
    `<h1>${escape(info.title)} API ${escape(info.version)}</h1><p>${escape(info.description ?? '')}</p>` +
      `<p><a href="/openapi.json">openapi.json</a> · <a href="/docs/errors">error codes</a></p>` +
      tags.map(({ name }) => tagSection(document, name)).join('') +
      `<h2>Schemas</h2>${schemas.join('')}`,
  );
}

/** The page that the `type` of every problem document leads to. */
export function errorsPage(): string {
  const rows = Object.entries(ERROR_TABLE).map(
    ([code, { status, title, hint, retryable }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td>` +
      `<td>${escape(title)}. ${escape(hint)}</td><td>${retryable ? 'yes' : 'no'}</td></tr>`,
  );
  const head = '<tr><th>code</th><th>status</th><th>what it means and what to do</th><th>try again</th></tr>';
  const failures = Object.entries(SEND_FAILURES).map(
    ([code, { happened, advice }]) =>
      `<tr><td><code>${code}</code></td><td>${escape(happened)} ${escape(advice)}</td></tr>`,
  );
  return page(
    'Error codes',
    `<h1>Error codes</h1><p><a href="/docs">API</a></p><table>${head}${rows.join('')}</table>` +
      `<h2>Messages that fail</h2><table><tr><th>code</th><th>what happened and what to do</th></tr>${failures.join('')}</table>`,
  );
}
