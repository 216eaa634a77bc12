// QR onboarding: the example's form over HTTP as a browser sends it. A name goes in, the page shows the code as a picture,
// a simulated phone scans it, and the last page says that the number is linked.

import assert from 'node:assert/strict';
import { eventually } from '../lib/checks.mjs';
import { example } from '../lib/workflows.mjs';

const NEW_PHONE = '4915550020077';

/** Sends a form page. @returns the parsed answer, if it is JSON */
async function submit(url, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const response = await fetch(url, { method: 'POST', body });
  const text = await response.text();
  assert.ok(response.ok, `${response.status} ${text.slice(0, 300)}`);
  return text.startsWith('{') ? JSON.parse(text) : text;
}

export async function onboarding({ check, stage }) {
  const { workflows, phone, n8n } = stage;
  await phone.createPhone({ number: NEW_PHONE, name: 'New phone' });

  await check(
    'onboarding: the form shows the QR code, and goes on when the phone has scanned it',
    async () => {
      const workflow = await workflows.create(await example('qr-onboarding-form.json'));
      await workflows.activate(workflow);
      const { webhookId } = workflow.nodes.find(({ type }) => type === 'n8n-nodes-base.formTrigger');
      const form = `${n8n.url}/form/${webhookId}`;
      await eventually(async () => (await fetch(form)).ok, { what: 'the form' });
      const { formWaitingUrl } = await submit(form, { 'field-0': 'Berlin Office' });

      const address = await eventually(
        async () => {
          // While the execution runs n8n leaves the page without an answer.
          const answer = await fetch(formWaitingUrl, { signal: AbortSignal.timeout(2_000) });
          return /<img[^>]+src="([^"]+whatsapp-qr[^"]+)"/.exec(await answer.text())?.[1];
        },
        { what: 'the page with the QR code' },
      );
      const picture = await fetch(address.replaceAll('&amp;', '&'));
      assert.equal(picture.headers.get('content-type'), 'image/png');
      const bytes = Buffer.from(await picture.arrayBuffer());
      assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
      const { qr } = await stage.gateway.call('GET', '/v1/sessions/berlin-office/qr');
      await phone.scan(NEW_PHONE, qr);
      const [{ id }] = (await workflows.executions(workflow)).filter(({ status }) => status === 'waiting');
      // n8n answers this call when it likes; what counts is the page that follows.
      const pressed = submit(formWaitingUrl, { 'field-0': '' });
      pressed.catch(() => undefined);
      const linked = async () => {
        const page = await fetch(formWaitingUrl, { signal: AbortSignal.timeout(2_000) });
        return /Your number is linked/.test(await page.text());
      };
      await eventually(linked, { timeoutMs: 60_000, what: 'the page that says so' });
      // In a browser the last page makes this call by itself, and with it the execution ends.
      const closed = await fetch(formWaitingUrl, { method: 'POST' });
      assert.ok(closed.ok, `${closed.status} ${await closed.text()}`);
      const execution = await workflows.finished(id);
      assert.equal(execution.status, 'success', execution.error?.message);
      const [session] = execution.json('Wait Until Connected');
      assert.deepEqual([session.id, session.phone], ['berlin-office', NEW_PHONE]);
      await workflows.deactivate(workflow);
    },
  );
}
