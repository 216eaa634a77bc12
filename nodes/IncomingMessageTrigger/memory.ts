/**
 * What the trigger remembers in the workflow's static data: its webhooks with their secrets, by the path of
 * their address (test and production have different ones), and the ids of the last events.
 * Each change assigns a whole member: n8n notices nothing deeper.
 */
import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

export interface Registration {
  id: string;
  secret: string;
}

const REMEMBERED_EVENTS = 300;

interface Memory {
  webhooks?: Record<string, Registration>;
  events?: string[];
}

const memoryOf = (context: IHookFunctions | IWebhookFunctions): Memory =>
  context.getWorkflowStaticData('node');

/** The host may change with n8n's settings; the path stays. */
const keyOf = (url: string): string => new URL(url).pathname;

export function recall(context: IHookFunctions, url: string): Registration | undefined {
  return memoryOf(context).webhooks?.[keyOf(url)];
}

/** Remembers the registration of an address, or forgets it when there is none. */
export function remember(context: IHookFunctions, url: string, registration: Registration | undefined): void {
  const memory = memoryOf(context);
  const others = Object.entries(memory.webhooks ?? {}).filter(([key]) => key !== keyOf(url));
  const mine: Array<[string, Registration]> =
    registration === undefined ? [] : [[keyOf(url), { ...registration }]];
  memory.webhooks = Object.fromEntries([...others, ...mine].map(([key, value]) => [key, { ...value }]));
}

/** The secrets a delivery may be signed with: n8n does not say whether it came to the test address. */
export function secretsOf(context: IWebhookFunctions): string[] {
  return Object.values(memoryOf(context).webhooks ?? {}).map(({ secret }) => secret);
}

/** Whether this event was taken before. */
export function isRepeat(context: IWebhookFunctions, eventId: string): boolean {
  return memoryOf(context).events?.includes(eventId) === true;
}

/** Remembers an event that is taken now. */
export function rememberEvent(context: IWebhookFunctions, eventId: string): void {
  const memory = memoryOf(context);
  memory.events = [...(memory.events ?? []), eventId].slice(-REMEMBERED_EVENTS);
}
