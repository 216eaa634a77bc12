/**
 * What happened, for tests and the demo to read: messages that devices saw, receipts, incoming messages and their
 * fate, presences, and everything that the real server would have swallowed in silence. Old records fall off the end.
 */
import type { proto } from '@whiskeysockets/baileys';
import type { ChangeSignal } from './changeSignal.js';

/** One arrival of a message at one simulated device. */
export interface SeenMessage {
  waId: string;
  /** Number of the sender. */
  from: string;
  fromDevice: number;
  /** Number of the account whose device decrypted it. */
  to: string;
  device: number;
  /** The conversation: a number, or a group's JID. */
  chat: string;
  /** A copy that the sender's client made for the sender's own phone. */
  copy: boolean;
  addressing: 'pn' | 'lid';
  /** How it was encrypted; `none` when sender and recipient are both played by the simulator. */
  encryption: 'pkmsg' | 'msg' | 'skmsg' | 'none';
  /** The stanza's `edit`: 1 edits a message, 7 deletes one's own, 8 another's; null: neither. */
  edit: string | null;
  text: string | null;
  /** The decrypted protobuf. */
  message: proto.IMessage;
  /** 1 for the first arrival of this id at this device. */
  arrival: number;
  /** Whether a phone would show it: an id is shown once. */
  displayed: boolean;
  at: string;
}

/** A receipt that a client sent to somebody. */
export interface SeenReceipt {
  waIds: string[];
  from: string;
  fromDevice: number;
  to: string;
  /** As on the wire; a plain delivery has none and is `delivered` here. */
  type: string;
  at: string;
}

/** A receipt that a simulated person's device gave. */
export interface GivenReceipt {
  waIds: string[];
  from: string;
  to: string;
  /** `read-self`: read without a word to the sender. */
  type: 'delivered' | 'read' | 'played' | 'read-self';
  at: string;
}

/** A message that somebody typed on a simulated phone, as that phone shows it. */
export interface WrittenMessage {
  waId: string;
  from: string;
  /** The recipient's number, or a group's JID. */
  chat: string;
  addressing: 'pn' | 'lid';
  content: proto.IMessage;
  at: string;
}

/** A message on its way to one linked device. */
export interface Delivery {
  waId: string;
  from: string;
  to: string;
  device: number;
  chat: string;
  addressing: 'pn' | 'lid';
  text: string | null;
  /** Times the stanza left the server, repeats after a reconnect and retries included. */
  sends: number;
  retries: number;
  acknowledged: boolean;
  at: string;
}

export interface SeenPresence {
  from: string;
  device: number;
  to: string | null;
  type: string;
  at: string;
}

/** Presence or typing that a simulated person showed to somebody. */
export interface ShownPresence {
  from: string;
  to: string;
  type: string;
  at: string;
}

/** What a client did about a call. */
export interface SeenCall {
  callId: string;
  from: string;
  device: number;
  to: string;
  event: string;
  at: string;
}

export const ERROR_KINDS = [
  'unanswered_query',
  'undecryptable',
  'no_recipients',
  'unknown_recipient',
  'unknown_device',
  'bad_signature',
  /** A login of a device that is connected already; the older connection was ended with 440. */
  'second_login',
  /** Another content under an id that the device has shown: a phone drops it. */
  'id_reused',
  'malformed',
  'internal',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

export interface RecordedError {
  kind: ErrorKind;
  detail: string;
  session: string | null;
  at: string;
}

export interface RecordList<T> {
  add(record: T): T;
  all(): readonly T[];
  clear(): void;
}

/** What conversations are made of; these can survive a restart. */
export const KEPT_LISTS = ['messages', 'written', 'receipts', 'given'] as const;
export type KeptList = (typeof KEPT_LISTS)[number];

/** Told of what is added to the lists that are kept. */
export interface RecordsWatcher {
  onAdded(list: KeptList, record: object): void;
  onCleared(): void;
}

export interface Records {
  messages: RecordList<SeenMessage>;
  receipts: RecordList<SeenReceipt>;
  given: RecordList<GivenReceipt>;
  written: RecordList<WrittenMessage>;
  shown: RecordList<ShownPresence>;
  deliveries: RecordList<Delivery>;
  presences: RecordList<SeenPresence>;
  calls: RecordList<SeenCall>;
  errors: RecordList<RecordedError>;
  /** Notes something that should not have happened. */
  flag(kind: ErrorKind, detail: string, session?: string): void;
  clear(): void;
  /** Puts back a record of an earlier run. */
  restore(list: KeptList, record: object): void;
  watch(watcher: RecordsWatcher): void;
}

const MAX_RECORDS = 100_000;
/** Dropped in blocks, so that a long run does not shift the array for every record. */
const DROP_BLOCK = 10_000;

export const isoNow = (): string => new Date().toISOString();

function createList<T>(changes: ChangeSignal, onAdded?: (record: T) => void): RecordList<T> {
  let records: T[] = [];
  return {
    add(record) {
      if (records.length >= MAX_RECORDS) records = records.slice(DROP_BLOCK);
      records.push(record);
      onAdded?.(record);
      changes.notify();
      return record;
    },
    all: () => records,
    clear() {
      records = [];
    },
  };
}

/** Empty records that wake `changes` on every addition. */
export function createRecords(changes: ChangeSignal): Records {
  const watchers: RecordsWatcher[] = [];
  const createKept = <T extends object>(list: KeptList): RecordList<T> =>
    createList<T>(changes, (record) => {
      for (const watcher of watchers) watcher.onAdded(list, record);
    });
  const lists = {
    messages: createKept<SeenMessage>('messages'),
    receipts: createKept<SeenReceipt>('receipts'),
    given: createKept<GivenReceipt>('given'),
    written: createKept<WrittenMessage>('written'),
    shown: createList<ShownPresence>(changes),
    deliveries: createList<Delivery>(changes),
    presences: createList<SeenPresence>(changes),
    calls: createList<SeenCall>(changes),
    errors: createList<RecordedError>(changes),
  };
  return {
    ...lists,
    flag: (kind, detail, session) =>
      void lists.errors.add({ kind, detail, session: session ?? null, at: isoNow() }),
    clear() {
      for (const list of Object.values(lists)) list.clear();
      for (const watcher of watchers) watcher.onCleared();
    },
    // The file was written by this program, from records of the same shape.
    restore: (list, record) => void (lists[list] as RecordList<object>).add(record),
    watch: (watcher) => void watchers.push(watcher),
  };
}
