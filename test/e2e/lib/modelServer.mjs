// A language model for tests: an OpenAI-compatible server on loopback that answers as the check says. Used by the checks
// of the AI Agent; it records what it was asked, so that a check sees which tools were offered.

import { createServer } from 'node:http';

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

/** `message` as one chat completion, whole or as server-sent events. */
function answerChat(response, { message, stream, model }) {
  const finish = message.tool_calls === undefined ? 'stop' : 'tool_calls';
  const base = { id: 'chatcmpl-1', created: 1, model };
  if (stream !== true) {
    const choices = [
      { index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: finish },
    ];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ...base, object: 'chat.completion', choices, usage }));
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  const chunk = (delta, reason = null) =>
    `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
  const tool_calls = message.tool_calls?.map((call, index) => ({ index, ...call }));
  response.write(
    chunk({ role: 'assistant', ...message, ...(tool_calls === undefined ? {} : { tool_calls }) }),
  );
  response.write(chunk({}, finish));
  response.end('data: [DONE]\n\n');
}

/** @param think (request, calls before it) => the assistant's message: {content} or {tool_calls} */
export async function startModelServer(think) {
  const requests = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'test-model', object: 'model' }] }));
      return;
    }
    const body = await readJson(request);
    requests.push({ path: request.url, ...body });
    answerChat(response, { message: think(body, requests.length), stream: body.stream, model: body.model });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let calls = 0;

/** Calls of a tool, as a model makes them; several inputs are several calls at once. */
export const toolCall = (name, ...inputs) => ({
  tool_calls: inputs.map((input) => ({
    id: `call_${(calls += 1)}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  })),
});
