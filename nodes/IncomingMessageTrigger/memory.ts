/**
 * What the trigger remembers in the workflow's static data: its webhooks with their secrets, by the path of
 * their address (test and production have different ones), and the ids of the last events.
 * Each change assigns a whole member: n8n notices nothing deeper.
 */
import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

import type { DeliveryMark } from '../shared/signature';

export interface Registration {
  id: string;
  secret: string;
}

const REMEMBERED_EVENTS = 300;

interface Memory {
  webhooks?: Record<string, Registration>;
  events?: string[];
  /** When the registration was last compared with the gateway's because a signature did not fit. */
  comparedAtMs?: number;
}

/** Anybody can make a call that does not fit; the gateway is asked no more often than this. */
const COMPARE_EVERY_MS = 60_000;

const memoryOf = (context: IHookFunctions | IWebhookFunctions): Memory =>
  context.getWorkflowStaticData('node');

/** The host may change with n8n's settings; the path stays. */
const keyOf = (url: string): string => new URL(url).pathname;

export function recall(context: IHookFunctions | IWebhookFunctions, url: string): Registration | undefined {
  return memoryOf(context).webhooks?.[keyOf(url)];
}

/** Remembers the registration of an address, or forgets it when there is none. */
export function remember(
  context: IHookFunctions | IWebhookFunctions,
  url: string,
  registration: Registration | undefined,
): void {
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

/** The memory of an event that was taken: its id, and the time under which it was signed. */
const entryOf = ({ id, timestamp }: DeliveryMark): string => `${id} ${timestamp}`;

/** Whether this event was taken before, and if so, whether the very same call was: each delivery has a time of its own. */
export function familiarity(context: IWebhookFunctions, mark: DeliveryMark): 'new' | 'repeated' | 'replayed' {
  const taken = memoryOf(context).events ?? [];
  if (taken.includes(entryOf(mark))) return 'replayed';
  return taken.some((entry) => entry.startsWith(`${mark.id} `)) ? 'repeated' : 'new';
}

/** Remembers an event that is taken now. */
export function rememberEvent(context: IWebhookFunctions, mark: DeliveryMark): void {
  const memory = memoryOf(context);
  const others = (memory.events ?? []).filter((entry) => entry !== entryOf(mark));
  memory.events = [...others, entryOf(mark)].slice(-REMEMBERED_EVENTS);
}

/** Whether it is time to compare the registration with the gateway's; notes that it is done now. */
export function mayCompare(context: IWebhookFunctions, nowMs: number): boolean {
  const memory = memoryOf(context);
  if (nowMs - (memory.comparedAtMs ?? 0) < COMPARE_EVERY_MS) return false;
  memory.comparedAtMs = nowMs;
  return true;
}
