/**
 * A campaign: one text for many recipients, each with values of its own for its {{variables}}. Pure.
 */
import type { Caller } from './apiKey.js';
import { WAITING } from './message.js';

export const CAMPAIGN_STATES = ['running', 'paused', 'canceled'] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

export type Variables = Record<string, string>;

export interface Campaign {
  id: string;
  /** In whose name the messages are made. */
  caller: Caller;
  name: string;
  sessionIds: string[];
  /** What is sent, as the outbox takes it, with {{variables}}. */
  template: unknown;
  /** Milliseconds since 1970. */
  sendAt: number | null;
  state: CampaignState;
  total: number;
  /** Recipients before this one have their message or their refusal. */
  nextRow: number;
  createdAt: number;
}

/** A file whose link has variables: fetched for each recipient by itself. The body is that of a message, checked. */
export interface LinkedFile {
  type: 'linked';
  body: { type: string } & Record<string, unknown>;
}

export interface CampaignRefusal {
  code: string;
  message: string;
}

/** One recipient, in the order of the request; `refusal` when there will be no message. */
export interface CampaignRecipient {
  row: number;
  to: string;
  variables: Variables;
  messageId: string | null;
  refusal: CampaignRefusal | null;
}

/** How many messages stand where, and why others do not. */
export interface CampaignCounts {
  byStatus: Record<string, number>;
  byFailure: Record<string, number>;
}

/** Whether nothing of a campaign waits any more. */
export function isCompleted({ state, total }: Campaign, { byStatus }: CampaignCounts): boolean {
  const made = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
  return state === 'running' && made >= total && WAITING.every((status) => (byStatus[status] ?? 0) === 0);
}

const VARIABLE = /\{\{\s*([\p{L}\p{N}_.-]{1,64})\s*\}\}/gu;

/** Names of the variables in a text or in all texts of a value. */
export function variablesIn(value: unknown): string[] {
  if (typeof value === 'string') return [...value.matchAll(VARIABLE)].map(([, name = '']) => name);
  if (typeof value !== 'object' || value === null) return [];
  return [...new Set(Object.values(value).flatMap(variablesIn))];
}

/** The value with each variable replaced in all its texts; one without a value stays as it is. */
export function render(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') {
    return value.replace(VARIABLE, (whole, name: string) =>
      Object.hasOwn(variables, name) ? (variables[name] ?? whole) : whole,
    );
  }
  if (Array.isArray(value)) return value.map((one: unknown) => render(one, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, render(one, variables)]));
}

/** Halves of characters, which no address can carry. */
const HALVES = /[\uD800-\uDFFF]/gu;

/**
 * The link with each variable replaced. A value is written as it has to be within an address, so that a space or a `&` stays
 * part of it; but one that the link begins with is the address itself.
 */
export const renderLink = (link: string, variables: Variables): string =>
  link.replace(VARIABLE, (whole: string, name: string, offset: number) => {
    const value = Object.hasOwn(variables, name) ? variables[name]?.trim() : undefined;
    if (value === undefined) return whole;
    return offset === 0 ? value : encodeURIComponent(value.replace(HALVES, ''));
  });

/** Variables of the template that the recipient has no value for. */
export const missingVariables = (names: string[], variables: Variables): string[] =>
  names.filter((name) => !Object.hasOwn(variables, name) || variables[name]?.trim() === '');

/** `due_at` of a message that its paused campaign holds: far away, and no time that anybody gave. */
export const NEVER = 8_000_000_000_000_000;

export const CAMPAIGN_PAUSED = {
  code: 'campaign_paused',
  message: 'the campaign is paused until it is resumed',
  until: null,
};
