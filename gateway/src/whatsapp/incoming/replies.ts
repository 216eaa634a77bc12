/**
 * Answers to buttons, lists and forms. Pure readers; used by messageContent.
 */
import type { proto } from '@whiskeysockets/baileys';
import { firstText } from './text.js';
import type { Reader } from './types.js';

export const readListReply: Reader = ({ listResponseMessage: list }) => {
  if (!list) return null;
  const title = list.title ?? null;
  const id = list.singleSelectReply?.selectedRowId ?? null;
  return {
    kind: 'list_reply',
    text: firstText(title, list.description),
    reply: { id, title, description: list.description ?? null },
  };
};

export const readButtonReply: Reader = (message) => {
  const { buttonsResponseMessage: button, templateButtonReplyMessage: template } = message;
  if (!button && !template) return null;
  const title = button?.selectedDisplayText ?? template?.selectedDisplayText ?? null;
  const id = button?.selectedButtonId ?? template?.selectedId ?? null;
  return { kind: 'button_reply', text: title, reply: { id, title } };
};

/** What a form sends is JSON; a text that is none is passed on as it is. */
function valuesOf(text: string | null | undefined): unknown {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const memberOf = (values: unknown, name: string): string | null => {
  const found: unknown =
    typeof values === 'object' && values !== null ? (values as Record<string, unknown>)[name] : null;
  return typeof found === 'string' ? found : null;
};

/** Native flows: a quick reply and a list carry an id, a form carries its fields. */
function flowReply({ body, nativeFlowResponseMessage: flow }: proto.Message.IInteractiveResponseMessage) {
  const values = valuesOf(flow?.paramsJson);
  const title = firstText(body?.text, memberOf(values, 'display_text'), memberOf(values, 'title'));
  const reply = { id: firstText(memberOf(values, 'id'), flow?.name), title, values };
  return { kind: 'flow_reply' as const, text: title, reply };
}

export const readFlowReply: Reader = ({ interactiveResponseMessage: response }) =>
  response ? flowReply(response) : null;
