/**
 * Waiting for a person's next message: registers a webhook on the execution's own resume address and wakes the
 * execution when the message comes. Used by the operation Send and Wait and by the webhook of Send Message.
 * The address carries n8n's signature, which n8n checks before it calls us: nobody else can know it.
 */
import { randomBytes } from 'crypto';
import {
  NodeOperationError,
  WAIT_INDEFINITELY,
  type IDataObject,
  type IExecuteFunctions,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { STOPPING, ignored, isStopping, postpone } from '../shared/answer';
import { findWebhooks, registerWebhook, removeWebhook } from '../shared/webhooks';
import type { EventEnvelope, IncomingMessage, Webhook, WebhookFilter } from '../shared/wire';
import { toText } from '../shared/text';

/** Begins the description of every webhook made here; what follows is its token and its end. */
const MARK = 'n8n waits for a reply';

interface Wait {
  /** The message that is about to be sent. */
  body: IDataObject;
  until: Date;
}

const digits = (text: string): string => text.replace(/@.*$/, '').replace(/\D/g, '');
const isGroup = (recipient: string): boolean => recipient.endsWith('@g.us');

function filterFor(recipient: string): WebhookFilter {
  if (isGroup(recipient)) return { chatKind: 'group' };
  return { chatKind: 'direct', from: recipient.endsWith('@lid') ? recipient : digits(recipient) };
}

const descriptionOf = (token: string, until: Date): string =>
  `${MARK} (${token}) until ${until.getTime() === WAIT_INDEFINITELY.getTime() ? 'it comes' : until.toISOString()}`;

/** A wait that ended by time leaves its webhook behind, because n8n runs no code of ours then. */
function isOver({ description }: Webhook): boolean {
  if (description?.startsWith(MARK) !== true) return false;
  const until = Date.parse(description.split(' until ')[1] ?? '');
  return !Number.isNaN(until) && until < Date.now();
}

/** Registers the webhook for the reply and returns its id. */
export async function listenForReply(context: IExecuteFunctions, wait: Wait): Promise<string> {
  for (const webhook of await findWebhooks(context, isOver)) await removeWebhook(context, webhook.id);
  const token = randomBytes(12).toString('hex');
  const recipient = toText(wait.body.to);
  const url = context.getSignedResumeUrl({ wait: token, chat: recipient });
  // n8n 2.8 checks the signature of the address only when told to; 2.41 always does and has no such function.
  const older: { setSignatureValidationRequired?: () => void } = context;
  older.setSignatureValidationRequired?.();
  const sessionId = wait.body.sessionId as string | undefined;
  const { id } = await registerWebhook(context, {
    url,
    events: ['message.received'],
    sessionIds: sessionId === undefined ? undefined : [sessionId],
    filter: filterFor(recipient),
    description: descriptionOf(token, wait.until),
  });
  return id;
}

/** Whether the person wrote `message` in the chat that `recipient` names. What the owner of the number types is no reply. */
function isReply(message: IncomingMessage, recipient: string): boolean {
  if (message.fromMe === true) return false;
  if (isGroup(recipient)) return message.chat.jid === recipient;
  if (message.chat.kind === 'group') return false;
  if (recipient.endsWith('@lid')) return message.from.lid === recipient || message.from.jid === recipient;
  return (
    digits(message.from.phone ?? '') === digits(recipient) || digits(message.chat.jid) === digits(recipient)
  );
}

function isApproval(context: IWebhookFunctions, text: string): boolean {
  const words = toText(context.getNodeParameter('approvalWords', '')).split(',');
  const said = text
    .trim()
    .toLowerCase()
    .replace(/[.!\s]+$/, '');
  return words.some((word) => word.trim() !== '' && word.trim().toLowerCase() === said);
}

async function stopListening(context: IWebhookFunctions, token: string): Promise<void> {
  try {
    const mine = await findWebhooks(
      context,
      ({ description }) => description?.startsWith(`${MARK} (${token})`) === true,
    );
    for (const webhook of mine) await removeWebhook(context, webhook.id);
  } catch (error) {
    // The reply is here and must not be lost for a webhook left behind; the next wait clears it away.
    context.logger.warn('The webhook of an answered Send and Wait could not be removed', { error });
  }
}

/** Wakes the execution with the reply; anything else is answered and ignored, and the execution sleeps on. */
export async function resumeOnReply(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  const { wait, chat } = context.getQueryData() as { wait?: string; chat?: string };
  const event = context.getBodyData() as unknown as EventEnvelope;
  if (wait === undefined || chat === undefined) {
    throw new NodeOperationError(
      context.getNode(),
      'This address waits for a reply from the Sluice gateway only.',
    );
  }
  if (event.type !== 'message.received') return ignored('not a message');
  const message = event.data as unknown as IncomingMessage;
  if (!isReply(message, chat)) return ignored('no reply in this chat');
  if (isStopping(context)) return postpone(context, STOPPING);
  // Before the execution is awake: afterwards n8n gives a webhook no credentials any more (seen on 2.41).
  await stopListening(context, wait);
  const text = message.text ?? message.media?.caption ?? '';
  const data: IDataObject = { text, approved: isApproval(context, text) };
  // An agent that asked for leave is told what the person said instead of yes.
  if (data.approved !== true && context.getNode().type.endsWith('HitlTool')) data.chatInput = text;
  const reply: IDataObject = { ...event.data, sessionId: event.sessionId };
  return { webhookResponse: { ok: true }, workflowData: [[{ json: { data, replied: true, reply } }]] };
}
