/**
 * Two transactions on Postgres that wait for one another: Postgres undoes one of them, and it is done again. Without that
 * a delivery receipt was lost now and then while a session was taken over.
 */
import { useEngine } from '../support/databases.js';
import { addSessions } from './builders.js';

const { open } = useEngine('postgres');

test('both happen, each once', async () => {
  const { store } = await open();
  await addSessions(store, 'a', 'b');
  const tries: string[] = [];
  let here = 0;
  let bothAreHere = (): void => undefined;
  const meeting = new Promise<void>((resolve) => {
    bothAreHere = resolve;
  });
  const rename = (first: string, second: string) =>
    store.transaction(async (tx) => {
      tries.push(first);
      await tx.sessions.update(first, { name: `${first} by ${first}` });
      here += 1;
      if (here === 2) bothAreHere();
      // Each has its first row now, and goes for the other's.
      await meeting;
      await tx.sessions.update(second, { metadata: { by: first } });
      return first;
    });
  expect(await Promise.all([rename('a', 'b'), rename('b', 'a')])).toEqual(['a', 'b']);
  expect(tries).toHaveLength(3);
  expect(await store.sessions.find('a')).toMatchObject({ name: 'a by a', metadata: { by: 'b' } });
  expect(await store.sessions.find('b')).toMatchObject({ name: 'b by b', metadata: { by: 'a' } });
});

test('another error is thrown at the first try', async () => {
  const { store } = await open();
  let tries = 0;
  const failing = store.transaction(() => {
    tries += 1;
    return Promise.reject(Object.assign(new Error('no'), { code: '23505' }));
  });
  await expect(failing).rejects.toThrow('no');
  expect(tries).toBe(1);
});
