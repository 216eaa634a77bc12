// A table elsewhere, such as a CRM or a sheet: an HTTP server on loopback that adds a row for each call and knows no keys, so
// that what runs twice is seen twice. Used by the checks in which n8n stops.

import { createServer } from 'node:http';
import { node } from './workflows.mjs';

/** @returns the node that adds `text` of the trigger's item as a row, the rows so far, and what ends the server */
export async function startTable() {
  const rows = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    rows.push(JSON.parse(body).text);
    response.setHeader('content-type', 'application/json');
    response.end('{"added":true}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const parameters = {
    method: 'POST',
    url: `http://127.0.0.1:${server.address().port}/`,
    sendBody: true,
    specifyBody: 'json',
    jsonBody: '={{ JSON.stringify({ text: $json.text }) }}',
    options: {},
  };
  return {
    rows,
    adding: () => node('Row', 'n8n-nodes-base.httpRequest', parameters, { typeVersion: 4.2 }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
