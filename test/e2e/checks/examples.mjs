// The workflows of examples/ that no other group runs, each imported into the real n8n and run: chatbot, AI agent, one-time
// password, support hand-over, alert on disconnect, and the Google Sheets variant with its sheet pinned.

import assert from 'node:assert/strict';
import { eventually } from '../lib/checks.mjs';
import { startMailServer } from '../lib/mailServer.mjs';
import { startModelServer } from '../lib/modelServer.mjs';
import { PHONE, SESSION } from '../lib/stage.mjs';
import { byId, example } from '../lib/workflows.mjs';

/** Imports, activates and waits until the trigger is registered. */
async function start(stage, file, change) {
  const workflow = await stage.workflows.create(await example(file, change));
  await stage.workflows.activate(workflow);
  await stage.registered(workflow);
  return workflow;
}

async function chatbot({ check, stage }) {
  const { phone, people, workflows } = stage;
  await check('example: the chatbot with a menu answers with a quote', async () => {
    const workflow = await start(stage, 'chatbot-menu.json');
    const waId = await phone.sendTo(PHONE, { from: people[10], text: '2' });
    const text = 'You find us at Sluice Lane 1.';
    const [seen] = await phone.messages.waitFor({ to: people[10], text }, { timeoutMs: 30_000 });
    assert.equal(seen.message.extendedTextMessage.contextInfo.stanzaId, waId);
    await workflows.deactivate(workflow);
  });
}

async function aiAgent({ check, stage }) {
  const { phone, people, workflows } = stage;
  await check('example: the AI agent answers in the chat, with a memory per chat', async () => {
    const model = await startModelServer(({ messages }) => ({
      content: `You wrote ${messages.filter(({ role }) => role === 'user').length} messages.`,
    }));
    const data = { apiKey: 'sk-test', url: model.url };
    const openAiApi = await stage.addCredential({ name: 'Example model', type: 'openAiApi', data });
    const workflow = await start(stage, 'ai-agent.json', (find) => {
      find('Chat Model').credentials = { openAiApi };
      find('Chat Model').parameters.responsesApiEnabled = false;
    });
    await phone.sendTo(PHONE, { from: people[11], text: 'Hello' });
    await phone.messages.waitFor({ to: people[11], text: 'You wrote 1 messages.' }, { timeoutMs: 30_000 });
    await phone.sendTo(PHONE, { from: people[11], text: 'Still there?' });
    await phone.messages.waitFor({ to: people[11], text: 'You wrote 2 messages.' }, { timeoutMs: 30_000 });
    await workflows.deactivate(workflow);
    await model.stop();
  });
}

async function oneTimePassword({ check, stage }) {
  const { people, workflows, n8n } = stage;
  await check('example: the one-time password arrives, and the answer says so', async () => {
    const workflow = await workflows.create(
      await example('one-time-password.json', (find) => {
        find('Send Code').parameters.session = byId(SESSION);
      }),
    );
    await workflows.activate(workflow);
    const ask = async () => {
      const response = await fetch(`${n8n.url}/webhook/one-time-password`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ phone: `+${people[12]}` }),
      });
      return response.ok && (await response.json());
    };
    const { status, code } = await eventually(ask, { what: 'the webhook' });
    assert.equal(status, 'delivered');
    assert.deepEqual(await stage.shown(new RegExp(`Your code is ${code}`)), [
      `${people[12]} Your code is ${code}. It is valid for 5 minutes.`,
    ]);
    await workflows.deactivate(workflow);
  });
}

async function handOver({ check, stage }) {
  const { phone, people, workflows } = stage;
  const [customer, colleague] = people.slice(13);
  await check('example: the support hand-over passes the question and the answer on', async () => {
    const workflow = await start(stage, 'support-hand-over.json', (find) => {
      find('Ask Colleague').parameters.to = `+${colleague}`;
    });
    await phone.sendTo(PHONE, { from: customer, text: 'support: it leaks' });
    const asked = async () => (await stage.shown(/asks: support: it leaks/)).length === 1;
    await eventually(asked, { what: 'the question at the colleague' });
    await phone.sendTo(PHONE, { from: colleague, text: 'Turn the tap to the right' });
    const answer = { to: customer, text: 'Turn the tap to the right' };
    await phone.messages.waitFor(answer, { timeoutMs: 30_000 });
    await workflows.deactivate(workflow);
  });
}

async function alert({ check, stage }) {
  const { phone, gateway, workflows } = stage;
  const number = '4915550020088';
  await check('example: the alert mails when a number is unlinked, with what to do', async () => {
    const mail = await startMailServer();
    const data = { host: '127.0.0.1', port: mail.port, secure: false, disableStartTls: true };
    const smtp = await stage.addCredential({ name: 'Mail', type: 'smtp', data });
    await stage.connect({ id: 'second', number });
    const workflow = await start(stage, 'alert-on-disconnect.json', (find) => {
      find('Send Email').credentials = { smtp };
    });
    const { devices } = await phone.phone(number);
    await phone.unlink(number, devices.find(({ kind }) => kind === 'linked').id);
    const text = await eventually(() => mail.mails.find((one) => one.includes('logged_out')), {
      what: 'a mail',
    });
    assert.match(text, /Subject: WhatsApp number second: logged_out/);
    await workflows.deactivate(workflow);
    await gateway.call('DELETE', '/v1/sessions/second').catch(() => undefined);
    await mail.stop();
  });
}

async function sheets({ check, stage }) {
  const { people, workflows } = stage;
  await check('example: the Google Sheets variant reports per row (the sheet itself is pinned)', async () => {
    const rows = [
      { row_number: 2, phone: `+${people[15]}`, name: 'Ann', text: 'from the sheet' },
      { row_number: 3, phone: 'none', name: 'Bob', text: 'from the sheet' },
    ];
    const imported = await example('bulk-send-google-sheets.json', (find) => {
      find('Send to Everyone').parameters.session = byId(SESSION);
    });
    const pinData = { Rows: rows.map((json) => ({ json })), 'Write Report': [{ json: {} }] };
    const workflow = await workflows.create({ ...imported, pinData });
    const execution = await workflows.run(workflow, 'Run');
    assert.equal(execution.status, 'success', execution.error?.message);
    const report = execution.json('Report per Row').map(({ row_number, status }) => [row_number, status]);
    assert.deepEqual(report, [
      [2, 'queued'],
      [3, 'refused'],
    ]);
    const arrived = async () => (await stage.shown(/Hi Ann, from the sheet/)).length === 1;
    await eventually(arrived, { what: 'the message' });
  });
}

export async function examples(given) {
  for (const run of [chatbot, aiAgent, oneTimePassword, handOver, alert, sheets]) await run(given);
}
