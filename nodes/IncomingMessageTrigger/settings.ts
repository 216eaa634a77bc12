/**
 * What the fields of the trigger mean: the subscription at the gateway and the filter in the node, checked.
 * Read by registration.ts (hook functions) and delivery.ts (webhook function).
 */
import { NodeOperationError, type IHookFunctions, type IWebhookFunctions } from 'n8n-workflow';

import { recipientFault } from '../shared/recipient';
import { isSessionId } from '../shared/sessionLocator';
import { toText } from '../shared/text';
import { toList, truthOf } from '../shared/values';
import { EVENTS } from './fields';

/** Empty texts filter nothing. */
export interface TriggerFilters {
  caseSensitive: boolean;
  /** Empty, any, direct or group. */
  chatKind: string;
  textContains: string;
  textEquals: string;
  textMatches: string;
  textStartsWith: string;
}

export interface TriggerSettings {
  events: string[];
  sessionIds: string[];
  filters: TriggerFilters;
  /** Senders in `filters.from`, one by one. */
  senders: string[];
  ownMessages: boolean;
  /** Whether the gateway gets its answer when the workflow has finished, and not as soon as it has started. */
  answersWhenFinished: boolean;
}

/**
 * The settings, checked, so that a wrong one shows when the workflow is activated and not at the first message.
 * @throws NodeOperationError
 */
export function readSettings(context: IHookFunctions | IWebhookFunctions): TriggerSettings {
  const given = context.getNodeParameter('filters', {}) as Record<string, unknown>;
  const options = context.getNodeParameter('options', {}) as Record<string, unknown>;
  const { ownMessages, answer } = options;
  // Expressions may give one text with commas where a list is meant.
  const events = toList(context.getNodeParameter('events', []));
  const settings: TriggerSettings = {
    events: events.includes('*') ? ['*'] : events.sort(),
    sessionIds: toList(context.getNodeParameter('sessions', [])).sort(),
    filters: toFilters(given),
    senders: toList(given.from),
    ownMessages: truthOf(ownMessages) === true,
    answersWhenFinished: answer === 'finished',
  };
  const simplify = context.getNodeParameter('simplify', true);
  const fault = valueFault({ ...given, ...options, simplify }) ?? faultOf(settings);
  if (fault === undefined) return settings;
  throw new NodeOperationError(context.getNode(), fault);
}

function toFilters(given: Record<string, unknown>): TriggerFilters {
  return {
    caseSensitive: truthOf(given.caseSensitive) === true,
    chatKind: toText(given.chatKind),
    textContains: toText(given.textContains),
    textEquals: toText(given.textEquals),
    textMatches: toText(given.textMatches),
    textStartsWith: toText(given.textStartsWith),
  };
}

const EVENT_TYPES = new Set(EVENTS.map(({ value }) => value));
const CHAT_KINDS = new Set(['', 'any', 'direct', 'group']);

const TRUTHS = {
  caseSensitive: 'Case Sensitive',
  downloadMedia: 'Download Media',
  ownMessages: 'Include Own Messages',
  simplify: 'Simplify',
};
const ANSWERS = new Set(['', 'atOnce', 'finished']);

/** A value of a kind that its field does not take: an expression may give anything. */
function valueFault(given: Record<string, unknown>): string | undefined {
  for (const [name, label] of Object.entries(TRUTHS)) {
    const text = toText(given[name]);
    if (text.trim() !== '' && truthOf(given[name]) === undefined)
      return `The value "${text}" in "${label}" is not valid. Give true or false.`;
  }
  const answer = toText(given.answer);
  if (ANSWERS.has(answer)) return undefined;
  return `The value "${answer}" in "Answer the Gateway" is not valid. Give one of atOnce, finished.`;
}

function choiceFault({ events, sessionIds, filters }: TriggerSettings): string | undefined {
  if (events.length === 0) return 'No event is chosen. Choose at least one event that starts the workflow.';
  const strange = events.find((event) => !EVENT_TYPES.has(event));
  if (strange !== undefined) return `There is no event "${strange}". Choose events from the list.`;
  const odd = sessionIds.find((id) => !isSessionId(id));
  if (odd !== undefined)
    return `The session "${odd}" is not valid. A session ID is 1 to 64 letters, digits, hyphens or underscores.`;
  if (!CHAT_KINDS.has(filters.chatKind))
    return `The value "${filters.chatKind}" in "Chat" is not valid. Give one of any, direct, group.`;
  return undefined;
}

function faultOf(settings: TriggerSettings): string | undefined {
  const { filters, senders } = settings;
  const fault = choiceFault(settings);
  if (fault !== undefined) return fault;
  for (const sender of senders) {
    const fault = recipientFault(sender);
    if (fault !== undefined) return `The sender "${sender}" in the filter is not valid: ${fault}.`;
  }
  try {
    new RegExp(filters.textMatches, 'u');
  } catch {
    return `The regular expression "${filters.textMatches}" in "Text Matches" is not valid. Correct it, or use "Text Contains".`;
  }
  return undefined;
}
