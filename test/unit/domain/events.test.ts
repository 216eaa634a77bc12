/**
 * Which webhook wants which event, the envelope that clients see, and what API keys may do.
 */
import { covers, may, permissionsOf, ROLES } from '../../../gateway/src/domain/apiKey.js';
import { ERROR_TABLE, gatewayError, type ErrorCode } from '../../../gateway/src/domain/error.js';
import {
  EVENT_TYPES,
  toEnvelope,
  wantsEvent,
  type EventType,
  type Subscription,
} from '../../../gateway/src/domain/event.js';

const ALL: Subscription = { events: ['*'], sessionIds: [], filter: null };
const eventOf = (type: EventType, data: Record<string, unknown> = {}) => ({ type, sessionId: 's1', data });
const MESSAGE = {
  chat: { kind: 'direct' },
  from: { phone: '4915112345678', jid: '4915112345678@s.whatsapp.net', lid: '9@lid' },
  text: 'Order 4711, please',
};

it('wants every event with *, and only the named ones else', () => {
  for (const type of EVENT_TYPES) {
    expect(wantsEvent(ALL, eventOf(type))).toBe(true);
    expect(wantsEvent({ ...ALL, events: ['message.sent'] }, eventOf(type))).toBe(type === 'message.sent');
  }
  expect(wantsEvent({ ...ALL, events: [] }, eventOf('message.sent'))).toBe(false);
});

it('wants the sessions named only', () => {
  expect(wantsEvent({ ...ALL, sessionIds: ['s2', 's1'] }, eventOf('message.sent'))).toBe(true);
  expect(wantsEvent({ ...ALL, sessionIds: ['s2'] }, eventOf('message.sent'))).toBe(false);
});

it.each([
  [{}, true],
  [{ chatKind: 'direct' as const }, true],
  [{ chatKind: 'group' as const }, false],
  [{ from: '4915112345678' }, true],
  [{ from: '+49 151 12345678' }, true],
  [{ from: '4915112345678@s.whatsapp.net' }, true],
  [{ from: '9@lid' }, true],
  [{ from: '4915112345679' }, false],
  [{ from: '8@lid' }, false],
  [{ textMatches: '^order \\d+' }, false],
  [{ textMatches: '^Order \\d+' }, true],
  [{ chatKind: 'direct' as const, textMatches: 'nothing of it' }, false],
])('passes a message through the filter %j: %s', (filter, wanted) => {
  expect(wantsEvent({ ...ALL, filter }, eventOf('message.received', MESSAGE))).toBe(wanted);
});

it('filters messages only', () => {
  const filter = { chatKind: 'group' as const, from: '1', textMatches: 'x' };
  expect(wantsEvent({ ...ALL, filter }, eventOf('session.connected'))).toBe(true);
  expect(wantsEvent({ ...ALL, filter }, eventOf('message.received', {}))).toBe(false);
});

it('asks the matcher that it is given', () => {
  const asked: string[][] = [];
  const event = eventOf('message.received', { ...MESSAGE, text: undefined });
  const wanted = wantsEvent({ ...ALL, filter: { textMatches: '(a+)+$' } }, event, (pattern, text) => {
    asked.push([pattern, text]);
    return true;
  });
  expect(wanted).toBe(true);
  expect(asked).toEqual([['(a+)+$', '']]);
});

it('shows clients the time as text', () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
  expect(
    toEnvelope({ id: 'evt_1', seq: 7, type: 'message.sent', sessionId: 's1', at, data: { a: 1 } }),
  ).toEqual({
    id: 'evt_1',
    seq: 7,
    type: 'message.sent',
    timestamp: '2026-01-02T03:04:05.006Z',
    sessionId: 's1',
    data: { a: 1 },
  });
});

it('gives each role what it needs and no more', () => {
  expect(ROLES.filter((role) => may(role, 'keys:manage'))).toEqual(['admin']);
  expect(ROLES.filter((role) => may(role, 'policy:unpaced'))).toEqual(['admin']);
  expect(ROLES.filter((role) => may(role, 'sessions:manage'))).toEqual(['admin', 'operator']);
  expect(ROLES.filter((role) => may(role, 'messages:send'))).toEqual(['admin', 'operator', 'sender']);
  expect(ROLES.filter((role) => may(role, 'messages:read'))).toEqual(['admin', 'operator', 'reader']);
  for (const role of ROLES) for (const one of permissionsOf(role)) expect(may(role, one)).toBe(true);
  expect(covers({ sessionIds: [] }, 's1')).toBe(true);
  expect(covers({ sessionIds: ['s2'] }, 's1')).toBe(false);
});

it('has a status, a title and a hint for every error, and makes them from the table alone', () => {
  for (const [code, entry] of Object.entries(ERROR_TABLE)) {
    const error = gatewayError(code as ErrorCode);
    expect(error).toMatchObject({ code, status: entry.status, hint: entry.hint, message: entry.title });
    expect(entry.status >= 400 && entry.status < 600).toBe(true);
    expect(entry.title.length > 5 && entry.hint.endsWith('.')).toBe(true);
  }
  const cause = new Error('why');
  const error = gatewayError('rate_limited', 'Slower.', { retryAfterSeconds: 3, cause });
  expect(error).toMatchObject({ message: 'Slower.', retryAfterSeconds: 3, retryable: true, cause });
});
