/**
 * Typed client of the control API, used by the demo, the dashboard's phone and tests. Global fetch, no dependencies.
 * The `waitFor...` calls hold the request open until enough has happened, so that nobody needs to poll or sleep.
 */
import type { ShownCodeRequest } from './control/deskSchemas.js';
import type {
  CallFilter,
  ConnectionFilter,
  DeliveryFilter,
  ErrorFilter,
  MessageFilter,
  PairingFilter,
  PresenceFilter,
  ReceiptFilter,
} from './control/filters.js';
import type {
  CallRequest,
  ContactPolicy,
  DropRequest,
  ExpiryRequest,
  FaultRequest,
  GroupChange,
  GroupMessageRequest,
  GroupSettingsRequest,
  IncomingMessage,
  JoinRequest,
  Letter,
  NewContact,
  NewGroup,
  NewPhone,
  OnlineRequest,
  PresenceRequest,
  ReceiptRequest,
  RestrictionsRequest,
  SubjectRequest,
  TypedMessage,
} from './control/schemas.js';
import type {
  AccountView,
  CallView,
  ConnectionView,
  DeliveryView,
  ErrorView,
  FaultView,
  GroupView,
  MessageView,
  MetricsView,
  PairedView,
  PairingView,
  PresenceView,
  ReceiptView,
  ServerView,
} from './control/answers.js';
import type { Matches } from './control/waiting.js';

const DEFAULT_WAIT_MS = 10_000;

/** Thrown when the simulator refuses a call. */
class SimulatorRefusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(problem: { status: number; code: string; detail: string }) {
    super(`${problem.code}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
  }
}

interface WaitOptions {
  count?: number;
  timeoutMs?: number;
}

function toQuery(filter: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(filter))
    if (value !== undefined) parameters.set(name, String(value));
  return parameters.toString();
}

/** Reading and waiting for one kind of record. */
function createReader<T, F extends object>(call: Call, path: string) {
  const read = (filter: F, wait: object): Promise<Matches<T>> =>
    call('GET', `${path}?${toQuery({ ...filter, ...wait })}`);
  return {
    /** What is there now. */
    list: async (filter: F = {} as F): Promise<T[]> => (await read(filter, {})).items,
    /** Waits until at least `count` (1) match. @throws when the time (10 s) is up first. */
    async waitFor(filter: F, { count = 1, timeoutMs = DEFAULT_WAIT_MS }: WaitOptions = {}): Promise<T[]> {
      const { items, complete } = await read(filter, { waitForCount: count, timeoutMs });
      if (complete) return items;
      throw new Error(
        `waited ${timeoutMs} ms for ${count} of ${path} with ${JSON.stringify(filter)}, but there are ${items.length}`,
      );
    },
  };
}

type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>;

function createCall(controlUrl: string): Call {
  return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${controlUrl}/control/v1${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    const parsed: unknown = text ? JSON.parse(text) : undefined;
    if (!response.ok) throw new SimulatorRefusal(parsed as ConstructorParameters<typeof SimulatorRefusal>[0]);
    return parsed as T;
  };
}

/** Who there is, and their phones. */
const createPeopleCalls = (call: Call) => ({
  server: (): Promise<ServerView> => call('GET', '/server'),
  /** A phone whose owner can scan QR codes. */
  createPhone: (phone: NewPhone): Promise<AccountView> => call('POST', '/phones', phone),
  phone: (number: string): Promise<AccountView> => call('GET', `/phones/${number}`),
  phones: async (): Promise<AccountView[]> => (await call<{ items: AccountView[] }>('GET', '/phones')).items,
  /** Somebody who is on WhatsApp and can be written to. */
  createContact: (contact: NewContact): Promise<AccountView> => call('POST', '/contacts', contact),
  createContacts: (contacts: NewContact[]): Promise<AccountView[]> => call('POST', '/contacts', contacts),
  contact: (number: string): Promise<AccountView> => call('GET', `/contacts/${number}`),
  contacts: async (): Promise<AccountView[]> =>
    (await call<{ items: AccountView[] }>('GET', '/contacts')).items,
  removeContact: (number: string): Promise<void> => call('DELETE', `/contacts/${number}`),
  /** Which receipts the account sends by itself. */
  setPolicy: (number: string, policy: ContactPolicy): Promise<AccountView> =>
    call('PATCH', `/contacts/${number}/policy`, policy),
  /** Points the phone's camera at a QR code; resolves when the client is linked. */
  scan: (number: string, qr: string): Promise<PairedView> => call('POST', `/phones/${number}/scan`, { qr }),
  /** The same with a picture of the code (base64). */
  scanPicture: (number: string, picture: string): Promise<PairedView> =>
    call('POST', `/phones/${number}/scan`, { picture }),
  /** Holds a QR code in front of all phones: their page offers it for scanning while its client waits. */
  showCode: (code: ShownCodeRequest): Promise<void> => call('POST', '/codes', code),
  /** Types the code that a client shows for this number; resolves when the client is linked. */
  enterCode: (number: string, code: string): Promise<PairedView> =>
    call('POST', `/phones/${number}/code`, { code }),
  unlink: (number: string, device: number): Promise<void> =>
    call('DELETE', `/phones/${number}/devices/${device}`),
});

/** What people do. */
const createTrafficCalls = (call: Call) => ({
  /** A contact writes to a phone; resolves with the message id when it is in the server's queue. */
  sendTo: async (number: string, message: IncomingMessage): Promise<string> => {
    const { waIds } = await call<{ waIds: [string] }>('POST', `/phones/${number}/messages`, message);
    return waIds[0];
  },
  /** Many messages in one call, in this order. */
  sendManyTo: async (number: string, messages: IncomingMessage[]): Promise<string[]> =>
    (await call<{ waIds: string[] }>('POST', `/phones/${number}/messages`, messages)).waIds,
  /** Many messages to many phones in one call. */
  sendAll: async (letters: Letter[]): Promise<string[]> =>
    (await call<{ waIds: string[] }>('POST', '/messages', letters)).waIds,
  /** The owner of a phone types on it; linked clients get a copy. */
  type: async (number: string, message: TypedMessage): Promise<string> => {
    const { waIds } = await call<{ waIds: [string] }>('POST', `/phones/${number}/typed`, message);
    return waIds[0];
  },
  /** A contact comes online, types, records... Seen by sessions that are connected. */
  showPresence: (number: string, presence: PresenceRequest): Promise<void> =>
    call('POST', `/contacts/${number}/presence`, presence),
  /** Takes a phone's network away or gives it back. */
  setOnline: (number: string, online: boolean, durationMs?: number): Promise<AccountView> =>
    call('PUT', `/accounts/${number}/online`, { online, durationMs } satisfies OnlineRequest),
  /** A contact installs WhatsApp anew: new identity, no companions, nothing remembered. */
  reinstall: (number: string, options: { announce?: boolean } = {}): Promise<AccountView> =>
    call('POST', `/contacts/${number}/reinstall`, options),
  addCompanion: (number: string): Promise<AccountView> => call('POST', `/contacts/${number}/companions`),
  removeCompanion: (number: string, device: number): Promise<void> =>
    call('DELETE', `/contacts/${number}/companions/${device}`),
  /** A contact calls a phone, or the call ends; resolves with the call's id. */
  call: async (number: string, request: CallRequest): Promise<string> =>
    (await call<{ callId: string }>('POST', `/phones/${number}/calls`, request)).callId,
  /** Puts an account under the reach-out time-lock or the cap on new chats; null lifts the lock. */
  restrict: (number: string, restrictions: RestrictionsRequest): Promise<void> =>
    call('PUT', `/phones/${number}/restrictions`, restrictions),
  createGroup: (group: NewGroup): Promise<GroupView> => call('POST', '/groups', group),
  group: (id: string): Promise<GroupView> => call('GET', `/groups/${id}`),
  changeGroup: (id: string, change: GroupChange): Promise<GroupView> =>
    call('POST', `/groups/${id}/members`, change),
  renameGroup: (id: string, rename: SubjectRequest): Promise<GroupView> =>
    call('PUT', `/groups/${id}/subject`, rename),
  setGroup: (id: string, settings: GroupSettingsRequest): Promise<GroupView> =>
    call('PATCH', `/groups/${id}/settings`, settings),
  /** Somebody follows a group's link, and is in it or waits for an admin. */
  joinGroup: (join: JoinRequest): Promise<{ state: 'joined' | 'requested' }> =>
    call('POST', '/groups/joins', join),
  /** A contact writes in a group. */
  sendToGroup: async (id: string, message: GroupMessageRequest): Promise<string> =>
    (await call<{ waId: string }>('POST', `/groups/${id}/messages`, message)).waId,
  sendReceipt: (receipt: ReceiptRequest): Promise<void> => call('POST', '/receipts', receipt),
  /** The owner of a phone opens a chat (a number, or a group's JID): read receipts go out. Resolves with their count. */
  read: async (number: string, chat: string): Promise<number> =>
    (await call<{ read: number }>('POST', `/accounts/${number}/read`, { chat })).read,
});

/** What happened, and trouble on command. */
const createWatchingCalls = (call: Call) => ({
  /** The file inside a message that somebody saw, downloaded and decrypted as they would. */
  mediaOf: async (to: string, waId: string): Promise<{ mimetype: string; bytes: Buffer }> => {
    const { mimetype, base64 } = await call<{ mimetype: string; base64: string }>(
      'GET',
      `/messages/${to}/${waId}/media`,
    );
    return { mimetype, bytes: Buffer.from(base64, 'base64') };
  },
  /** Takes the file inside a message off the media host, so that a client has to ask its phone for it. */
  expireMedia: (to: string, waId: string, expiry: ExpiryRequest = {}): Promise<void> =>
    call('POST', `/messages/${to}/${waId}/media/expire`, expiry),
  /** Messages that simulated devices saw. */
  messages: createReader<MessageView, MessageFilter>(call, '/messages'),
  /** Messages on their way to clients, with what became of them. */
  deliveries: createReader<DeliveryView, DeliveryFilter>(call, '/deliveries'),
  /** Receipts that clients sent. */
  receipts: createReader<ReceiptView, ReceiptFilter>(call, '/receipts'),
  presences: createReader<PresenceView, PresenceFilter>(call, '/presences'),
  /** What clients did about calls. */
  calls: createReader<CallView, CallFilter>(call, '/calls'),
  /** What should not have happened. */
  errors: createReader<ErrorView, ErrorFilter>(call, '/errors'),
  /** Clients that show a code right now. */
  pairings: createReader<PairingView, PairingFilter>(call, '/pairings'),
  connections: createReader<ConnectionView, ConnectionFilter>(call, '/connections'),
  clearRecords: (): Promise<void> => call('DELETE', '/records'),
  /** Ends connections now: of one session, one device, or all. */
  drop: (request: DropRequest = {}): Promise<{ dropped: number }> =>
    call('POST', '/connections/drop', request),
  addFault: (fault: FaultRequest): Promise<FaultView> => call('POST', '/faults', fault),
  faults: async (): Promise<FaultView[]> => (await call<{ items: FaultView[] }>('GET', '/faults')).items,
  removeFault: (id: string): Promise<void> => call('DELETE', `/faults/${id}`),
  clearFaults: (): Promise<void> => call('DELETE', '/faults'),
  metrics: (): Promise<MetricsView> => call('GET', '/metrics'),
});

export type SimulatorClient = ReturnType<typeof createSimulatorClient>;

/** A client for the simulator whose control API is at `controlUrl` (`http://127.0.0.1:PORT`). */
export function createSimulatorClient(controlUrl: string) {
  const call = createCall(controlUrl);
  return { ...createPeopleCalls(call), ...createTrafficCalls(call), ...createWatchingCalls(call) };
}
