/**
 * A ratchet that has moved on without its plaintext is a lost message: whenever one is committed, the other is.
 */
import { MISSING_KEYS_ERROR_TEXT } from '@whiskeysockets/baileys';
import { createSignalDevice } from '../../../gateway/src/simulator/signal/signalDevice.js';
import type { Store } from '../../../gateway/src/store/index.js';
import { openSessions, SESSION_KEY, SESSIONS, writeToEach } from './sides.js';

let opened: Awaited<ReturnType<typeof openSessions>>;

beforeEach(async () => {
  opened = await openSessions();
});

afterEach(() => opened.close());

/** What each commit left of a session: whether its ratchet stands in the database, and how many plaintexts. */
interface Commit {
  sessionId: string;
  ratchet: boolean;
  plaintexts: number;
}

/** A store that looks, at the end of each transaction, at what is about to be committed. */
function watchedStore(commits: Commit[]): Store {
  const { store } = opened;
  return {
    ...store,
    transactionEarly: (work) =>
      store.transactionEarly(async (tx) => {
        const result = await work(tx);
        for (const sessionId of SESSIONS) {
          const found = await tx.keyValues.getMany(sessionId, [SESSION_KEY]);
          const { length } = await tx.inbox.pending(sessionId, 10);
          commits.push({ sessionId, ratchet: found.has(SESSION_KEY), plaintexts: length });
        }
        return result;
      }),
  };
}

test('a contact that writes to several sessions at once: no ratchet is committed without its plaintext', async () => {
  const commits: Commit[] = [];
  const store = watchedStore(commits);
  const contact = createSignalDevice('contact');
  const messages = await writeToEach(contact, { ...opened, store });
  const plaintexts = await Promise.all(
    messages.map(({ side, first }, index) => side.receive(first, `M${String(index)}`)),
  );
  expect(plaintexts.map((plaintext) => Buffer.from(plaintext).toString())).toEqual(
    opened.fences.map(({ sessionId }) => sessionId),
  );
  expect(commits.filter(({ ratchet, plaintexts: kept }) => ratchet && kept === 0)).toEqual([]);
  expect(SESSIONS.map((id) => commits.findLast(({ sessionId }) => sessionId === id))).toEqual(
    SESSIONS.map((sessionId) => ({ sessionId, ratchet: true, plaintexts: 1 })),
  );
  expect(messages.flatMap(({ side }) => side.failures)).toEqual([]);
});

test('a message whose key is used up and of which nothing is kept is not refused as one that was dealt with', async () => {
  const contact = createSignalDevice('contact');
  const [one] = await writeToEach(contact, opened);
  if (!one) throw new Error('there is no session');
  const { side, first } = one;
  await side.receive(first, 'M1');
  // Again, and kept: answered from the table.
  expect(Buffer.from(await side.receive(first, 'M1')).toString()).toBe('s1');
  await opened.store.inbox.clear('s1');
  // With rc14's own text the message would be acknowledged with an error, and never be asked for.
  await expect(side.receive(first, 'M1')).rejects.not.toThrow(MISSING_KEYS_ERROR_TEXT);
  await expect(side.receive(first, 'M1')).rejects.toThrow('its plaintext is not kept');
  expect((await opened.store.undecrypted.waiting('s1', 10)).map(({ stanza }) => stanza.id)).toEqual(['M1']);
  expect(side.failures).toEqual([]);
});
