/**
 * Who can give a code to type, and what is said when nobody can; codes that work are in test/gateway/pairingCode.
 */
import type { SessionStatus } from '../../../gateway/src/domain/session.js';
import { createPairingCode } from '../../../gateway/src/whatsapp/pairingCode.js';
import { createQuestions, type QuestionsDeps } from '../../../gateway/src/whatsapp/questions.js';
import { createSessionRows } from '../../../gateway/src/whatsapp/sessionRows.js';
import { openBed, type Bed } from './bed.js';

const PHONE = '4915112345678';

let bed: Bed;
beforeEach(async () => {
  bed = await openBed();
});
afterEach(() => bed.close());

/** A socket as far as a code needs one. */
const socket = (requestPairingCode: () => Promise<string>) =>
  ({ pairingEndsAt: () => 5_000, client: { requestPairingCode } }) as unknown as ReturnType<
    QuestionsDeps['live']
  >;

async function ask(status: SessionStatus, more: Partial<QuestionsDeps> = {}) {
  await bed.store.sessions.setStatus('s1', { status, reason: null, since: bed.clock.now() });
  const { get } = createSessionRows(bed.deps);
  const recipients = { lookUp: () => Promise.resolve(null) };
  const { ask: askLive } = createQuestions({ ...bed.deps, recipients, live: () => null, ...more });
  return createPairingCode({ ...bed.deps, get, ask: askLive })('s1', PHONE);
}

it('asks the open socket, and says until when it can be paired', async () => {
  const live = () => socket(() => Promise.resolve('ABCD1234'));
  expect(await ask('qr', { live })).toEqual({ code: 'ABCD1234', expiresAt: 5_000 });
});

it.each([
  ['connected', 'session_connected'],
  ['pairing', 'invalid_state'],
  ['logged_out', 'invalid_state'],
  ['banned', 'invalid_state'],
  ['stopped', 'invalid_state'],
] as const)('refuses a session that is %s', async (status, code) => {
  await expect(ask(status)).rejects.toMatchObject({ code, status: 409 });
});

it('asks the process that has the connection when this one has not', async () => {
  const asked: unknown[] = [];
  const askOwner: QuestionsDeps['askOwner'] = (question) => {
    asked.push(question);
    return Promise.resolve({ code: 'EFGH5678', expiresAt: 7_000 });
  };
  expect(await ask('qr', { fenceOf: () => null, askOwner })).toEqual({ code: 'EFGH5678', expiresAt: 7_000 });
  expect(asked).toEqual([{ sessionId: 's1', kind: 'pairing_code', input: { phone: PHONE } }]);
});

it('says that the socket is not open yet, or could not ask', async () => {
  await expect(ask('qr')).rejects.toMatchObject({ code: 'session_not_connected' });
  const live = () => socket(() => Promise.reject(new Error('Connection Closed')));
  await expect(ask('qr', { live })).rejects.toMatchObject({ code: 'session_not_connected' });
  expect(bed.errors).toHaveLength(1);
});
