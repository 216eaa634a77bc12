/**
 * The demo's story: one message out and one message in, through everything, told step by step. It uses the gateway over
 * HTTP only, as a newcomer would; the simulated phone and its friend are played through the simulator's control API.
 */
import type { SimulatorClient } from '../simulator/client.js';
import type { Api } from './api.js';
import type { Receiver } from './receiver.js';

export interface StoryParts {
  api: Api;
  phone: SimulatorClient;
  receiver: Receiver;
  print: (line: string) => void;
}

const DEMO = {
  sessionId: 'demo',
  phone: { number: '4915550001001', name: 'Your simulated phone' },
  friend: { number: '4915550001002', name: 'Robin' },
};

const STEP_TIMEOUT_MS = 30_000;

/** Runs the steps one after the other and prints each with its time. @throws Error naming the step that failed */
export async function tellStory({ api, phone, receiver, print }: StoryParts): Promise<void> {
  const startedAt = Date.now();
  const number = { next: 1 };

  async function step<T>(title: string, work: () => Promise<[T, string]>): Promise<T> {
    const begun = Date.now();
    try {
      const [result, outcome] = await work();
      const times = `${String(Date.now() - begun).padStart(5)} ms`;
      print(`${String(number.next++).padStart(2)}. ${times}  ${title}: ${outcome}`);
      return result;
    } catch (error) {
      throw new Error(`The demo failed at "${title}": ${(error as Error).message}`, { cause: error });
    }
  }

  await pair({ api, phone, receiver, print }, step);
  await exchange({ api, phone, receiver, print }, step);
  print(`    All of it took ${String(Date.now() - startedAt)} ms.`);
}

type Step = <T>(title: string, work: () => Promise<[T, string]>) => Promise<T>;

async function pair({ api, phone, receiver }: StoryParts, step: Step): Promise<void> {
  await step('Two people on the simulated WhatsApp', async () => {
    await phone.createPhone(DEMO.phone);
    await phone.createContact(DEMO.friend);
    return [null, `+${DEMO.phone.number} (you) and +${DEMO.friend.number} (${DEMO.friend.name})`];
  });
  await step('Register a webhook', async () => {
    const webhook = (await api.post('/v1/webhooks', { url: receiver.url, events: ['*'] })) as {
      id: string;
      secret: string;
    };
    receiver.trust(webhook.secret);
    return [null, `${webhook.id}, its secret is known to the receiver`];
  });
  await step('Create a session', async () => {
    const session = (await api.post('/v1/sessions', { id: DEMO.sessionId, name: 'Demo' })) as {
      status: string;
    };
    return [null, `status ${session.status}`];
  });
  const { qr } = await step('Ask for its QR code', async () => {
    const answer = (await api.get(`/v1/sessions/${DEMO.sessionId}/qr?waitSeconds=20`)) as { qr: string };
    return [answer, `${String(answer.qr.length)} characters`];
  });
  await step('Scan it on the simulated phone', async () => {
    await phone.scan(DEMO.phone.number, qr);
    return [null, 'the phone linked the device'];
  });
  await step('Wait for the connection', async () => {
    const session = (await api.get(`/v1/sessions/${DEMO.sessionId}?waitFor=connected&timeoutSeconds=30`)) as {
      status: string;
      phone: string;
    };
    if (session.status !== 'connected') throw new Error(`the session is ${session.status}`);
    return [null, `connected as +${session.phone}`];
  });
}

async function exchange({ api, phone, receiver }: StoryParts, step: Step): Promise<void> {
  const text = 'Hello from Sluice 👋';
  const answer = 'Hello back!';
  const message = await step('Send a message', async () => {
    const body = { sessionId: DEMO.sessionId, to: `+${DEMO.friend.number}`, text: { body: text } };
    const sent = (await api.post('/v1/messages?wait=delivered&timeoutSeconds=30', body)) as {
      id: string;
      waId: string;
      status: string;
    };
    if (sent.status !== 'delivered') throw new Error(`the message is ${sent.status}`);
    return [sent, `${sent.id} is ${sent.status}`];
  });
  await step(`Look at ${DEMO.friend.name}'s phone`, async () => {
    const seen = await phone.messages.waitFor(
      { to: DEMO.friend.number, waId: message.waId },
      { timeoutMs: STEP_TIMEOUT_MS },
    );
    if (seen[0]?.text !== text) throw new Error('the text that was decrypted is another one');
    return [null, `decrypted "${text}"`];
  });
  await step(`${DEMO.friend.name} answers`, async () => {
    await phone.sendTo(DEMO.phone.number, { from: DEMO.friend.number, text: answer });
    return [null, `"${answer}"`];
  });
  await step('Receive the webhook', async () => {
    const event = await receiver.next('message.received', STEP_TIMEOUT_MS);
    if (!event.signed) throw new Error('its signature is wrong');
    if (event.data.text !== answer) throw new Error('it carries another text');
    return [null, `${event.type} "${answer}", its signature is right`];
  });
}
