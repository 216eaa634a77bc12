/**
 * The conversion of inbox entries, and what becomes of one on which it fails: never silence, and never a halt. Part of
 * the inbox loop.
 */
import type { InboxEntry } from '../store/inbox.js';
import { fromWhatsApp } from './fromWhatsApp.js';
import { messageConverted, type Converted, type Knowledge } from './incoming/message.js';
import { needsOf, type Needs } from './incoming/needs.js';

const NOT_CONVERTED = {
  typeName: 'unreadable',
  code: 'not_converted',
  message: 'This version of the gateway could not read the message.',
};

/** The pure conversion, and what becomes of a message when it fails. */
export function createConversion(onError: (error: unknown) => void) {
  /** A bug that one message shows must not keep all that follow from becoming events. */
  function attempt<T>(work: () => T, otherwise: () => T): T {
    try {
      return work();
    } catch (error) {
      onError(error);
      return otherwise();
    }
  }

  const unreadable: Converted = { ignored: 'it could not be converted' };
  const convert = (entry: InboxEntry, knowledge: Knowledge): Converted =>
    attempt(
      () => fromWhatsApp(entry, knowledge),
      () =>
        attempt(
          () => messageConverted(entry, { missing: NOT_CONVERTED }, knowledge),
          () => unreadable,
        ),
    );

  const needs = (entry: InboxEntry): Needs =>
    attempt(
      () => needsOf(entry),
      () => ({ people: [], pollId: null }),
    );

  return { convert, needs };
}
