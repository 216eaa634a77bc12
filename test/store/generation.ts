/**
 * A set of sender keys (which are durable when their write resolves) that tells its number everywhere: a set that was torn shows two numbers, or the key that should
 * have gone. Written by children/writeKeys, checked by authStateCrash.test.
 */
import type { SignalDataSet } from '@whiskeysockets/baileys';

/** More than one statement's rows. */
export const PER_GENERATION = 1_200;

const idOf = (index: number): string => String(index);

/** Odd generations delete the key `0`, even ones set it. */
export function generation(number: number): SignalDataSet {
  const value = Uint8Array.from([number & 255, (number >> 8) & 255]);
  const keys = Object.fromEntries(Array.from({ length: PER_GENERATION }, (_, index) => [idOf(index), value]));
  return { 'sender-key': { ...keys, [idOf(0)]: number % 2 === 0 ? value : null } };
}

export const GENERATION_IDS = Array.from({ length: PER_GENERATION }, (_, index) => idOf(index));

/** The number a value was written with. */
export const generationOf = (value: Uint8Array): number => (value[0] ?? 0) + 256 * (value[1] ?? 0);
