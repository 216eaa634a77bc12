// The nodes as tools of n8n's AI Agent, with a model server on loopback: Send Message as a tool, and as the human in the
// loop whose chat reply approves or refuses another tool.

import assert from 'node:assert/strict';
import { eventually } from '../lib/checks.mjs';
import { startModelServer, toolCall } from '../lib/modelServer.mjs';
import { PHONE, SESSION } from '../lib/stage.mjs';
import { attach, byId, chain, node, sluice } from '../lib/workflows.mjs';

const fromAi = (name) => `={{ $fromAI('${name}', '${name}', 'string') }}`;

/** A workflow with an agent, its model and its tools. */
function agentWorkflow({ openAiApi, tools, connections }) {
  const run = node('Run', 'n8n-nodes-base.manualTrigger');
  const agentNode = node(
    'Agent',
    '@n8n/n8n-nodes-langchain.agent',
    { promptType: 'define', text: 'Please do it.', options: {} },
    { typeVersion: 3 },
  );
  const model = node(
    'Model',
    '@n8n/n8n-nodes-langchain.lmChatOpenAi',
    { model: byId('test-model'), responsesApiEnabled: false, options: {} },
    { typeVersion: 1.3, credentials: { openAiApi } },
  );
  return {
    name: 'Agent',
    nodes: [run, agentNode, model, ...tools],
    connections: {
      ...chain(run, agentNode),
      ...attach(model, 'ai_languageModel', agentNode),
      ...connections(agentNode),
    },
  };
}

const sendTool = (name) =>
  sluice(name, 'sendMessageTool', {
    resource: 'newMessage',
    operation: 'text',
    session: byId(SESSION),
    to: fromAi('to'),
    message: fromAi('message'),
    options: {},
  });

/** A model that calls the first tool it is offered once, then repeats what the tool said. */
function onceThenTell(input) {
  return ({ messages, tools = [] }) => {
    const answer = messages.findLast(({ role }) => role === 'tool');
    if (answer !== undefined) return { content: `The tool said: ${answer.content}` };
    return toolCall(tools[0].function.name, input);
  };
}

export async function agent({ check, stage }) {
  const { workflows, phone, people } = stage;
  const [person, boss, other] = people;
  let think = () => ({ content: 'nothing to do' });
  const model = await startModelServer((body, count) => think(body, count));
  const openAiApi = await stage.addCredential({
    name: 'Model',
    type: 'openAiApi',
    data: { apiKey: 'sk-test', url: model.url },
  });

  await check('agent: it calls Send Message as a tool, and the message arrives', async () => {
    think = onceThenTell({ to: `+${person}`, message: 'From the agent' });
    const tool = sendTool('Send WhatsApp');
    const workflow = await workflows.create(
      agentWorkflow({ openAiApi, tools: [tool], connections: (one) => attach(tool, 'ai_tool', one) }),
    );
    const execution = await workflows.run(workflow, 'Run');
    assert.equal(execution.status, 'success', execution.error?.message);
    await phone.messages.waitFor({ to: person, text: 'From the agent' });
    assert.match(execution.json('Agent')[0].output, /msg_/);
    const [{ tools }] = model.requests;
    assert.deepEqual(Object.keys(tools[0].function.parameters.properties).sort(), ['message', 'to']);
  });

  await check(
    'agent: three calls of the tool in one run, two of them at once, are three messages',
    async () => {
      const input = (text) => ({ to: `+${person}`, message: `Agent says ${text}` });
      think = ({ messages, tools }) => {
        const answers = messages.filter(({ role }) => role === 'tool').length;
        const { name } = tools[0].function;
        if (answers === 0) return toolCall(name, input('one'), input('two'));
        return answers === 2 ? toolCall(name, input('two')) : { content: 'Done' };
      };
      const tool = sendTool('Send WhatsApp');
      const workflow = await workflows.create(
        agentWorkflow({ openAiApi, tools: [tool], connections: (one) => attach(tool, 'ai_tool', one) }),
      );
      const execution = await workflows.run(workflow, 'Run');
      assert.equal(execution.status, 'success', execution.error?.message);
      await stage.queueEmpty();
      const wanted = ['one', 'two', 'two'].map((text) => `${person} Agent says ${text}`);
      const seen = () => stage.shown(/^Agent says/);
      await eventually(async () => (await seen()).length >= wanted.length, { what: 'three messages' });
      assert.deepEqual((await seen()).sort(), wanted);
    },
  );

  const gated = async (reply) => {
    think = onceThenTell({
      toolParameters: { to: `+${other}`, message: `Gated, ${reply}` },
      hitlParameters: {},
      to: `+${other}`,
      message: `Gated, ${reply}`,
    });
    const review = sluice('Ask Boss', 'sendMessageHitlTool', {
      resource: 'newMessage',
      operation: 'sendAndWait',
      session: byId(SESSION),
      to: `+${boss}`,
      message: `=May I run it, ${reply}?`,
      options: {},
    });
    const tool = sendTool('Send WhatsApp');
    const workflow = await workflows.create(
      agentWorkflow({
        openAiApi,
        tools: [review, tool],
        connections: (one) => ({ ...attach(tool, 'ai_tool', review), ...attach(review, 'ai_tool', one) }),
      }),
    );
    const asleep = await workflows.run(workflow, 'Run', {
      until: ({ status }) => status !== 'running' && status !== 'new',
    });
    assert.equal(asleep.status, 'waiting', JSON.stringify(asleep.json('Agent')));
    await phone.messages.waitFor({ to: boss, text: `May I run it, ${reply}?` });
    await phone.sendTo(PHONE, { from: boss, text: reply });
    return await workflows.finished(asleep.id);
  };

  await check('agent: a human in the loop approves by a chat reply, and the tool runs', async () => {
    const execution = await gated('yes');
    assert.equal(execution.status, 'success', execution.error?.message);
    await phone.messages.waitFor({ to: other, text: 'Gated, yes' });
  });

  await check(
    'agent: a refusal reaches the model with the words of the person, and the tool does not run',
    async () => {
      const execution = await gated('no, too early');
      assert.equal(execution.status, 'success', execution.error?.message);
      assert.match(execution.json('Agent')[0].output, /no, too early/);
      assert.deepEqual(await phone.messages.list({ to: other, text: 'Gated, no, too early' }), []);
    },
  );

  await model.stop();
}
