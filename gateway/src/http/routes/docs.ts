/**
 * The API describing itself: the OpenAPI document and the pages made from it.
 */
import { docsPage, errorsPage } from '../docs/page.js';
import { ok, route, type Answer } from '../route.js';

const TAG = 'Docs';
const html = (bytes: string): Answer => ({ status: 200, bytes, contentType: 'text/html' });

export const docsRoutes = [
  route(
    {
      method: 'get',
      path: '/openapi.json',
      tag: TAG,
      summary: 'This API as an OpenAPI document',
      access: 'public',
      answers: { 200: { description: 'OpenAPI 3.1', contentTypes: ['application/json'] } },
    },
    ({ openApi }) => ok(openApi()),
  ),
  route(
    {
      method: 'get',
      path: '/docs',
      tag: TAG,
      summary: 'This API as a page',
      access: 'public',
      answers: { 200: { description: 'A page for people', contentTypes: ['text/html'] } },
    },
    ({ openApi }) => html(docsPage(openApi())),
  ),
  route(
    {
      method: 'get',
      path: '/docs/errors',
      tag: TAG,
      summary: 'The error codes as a page',
      access: 'public',
      answers: { 200: { description: 'A page for people', contentTypes: ['text/html'] } },
    },
    () => html(errorsPage()),
  ),
];
