/**
 * What the lists of bad input are made of: their shape, and values that do not fit into any field of a kind.
 */
import type { NodeParameterValueType } from 'n8n-workflow';

export type Values = Record<string, NodeParameterValueType>;

export interface BadInput {
  type: string;
  /** An operation with good values. */
  good: Values & { operation?: string };
  /** Field, or option after a dot, to values that do not fit and a part of what is said. */
  bad: Record<string, [value: unknown, says: string][]>;
}

export const TO = '+4915112345678';
export const long = (length: number): string => 'x'.repeat(length + 1);
export const newMessage = (operation: string, more: Values = {}): BadInput['good'] => ({
  resource: 'newMessage',
  operation,
  to: TO,
  ...more,
});
export const connection = (operation: string): BadInput['good'] => ({ resource: 'connection', operation });
export const session = (operation: string): BadInput['good'] => ({ resource: 'session', operation });
export const truth: [unknown, string][] = [
  ['perhaps', 'Give true or false'],
  [7, 'Give true or false'],
];
export const whole = (min: number, max: number): [unknown, string][] =>
  [min - 1, max + 1, min + 0.5, 'many', true].map((value) => [
    value,
    `Give a whole number from ${min} to ${max}`,
  ]);
export const SESSIONS: [unknown, string][] = [
  ['my session', 'The session "my session" is not valid'],
  [long(64), 'A session ID is 1 to 64'],
];
export const MESSAGE_IDS: [unknown, string][] = [
  ['', '"Message ID" is empty'],
  ['https://example.com', 'Give the ID of a message'],
];
