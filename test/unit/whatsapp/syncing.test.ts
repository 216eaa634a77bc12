/**
 * What is decrypted is committed, and not waited to the disk before the next message; but it is known that the disk does
 * not have it yet, which is what keeps its receipt back (see frameGate).
 */
import { createSignalDevice } from '../../../gateway/src/simulator/signal/signalDevice.js';
import { openSessions, writeToEach } from './sides.js';

test('a decryption goes on before the disk has it, and says so until it does', async () => {
  let release = (): void => undefined;
  let held: Promise<void> | null = null;
  const aroundSync = (sync: () => Promise<void>) => async (): Promise<void> => {
    await held;
    await sync();
  };
  const opened = await openSessions({ aroundSync });
  const { store } = opened;
  const contact = createSignalDevice('contact');
  const [one] = await writeToEach(contact, opened);
  if (!one) throw new Error('there is no session');
  const { side, first } = one;
  const second = await contact.encrypt('s1', Buffer.from('2'));
  held = new Promise((resolve) => (release = resolve));
  await side.receive(first, 'M1');
  await side.receive(second, 'M2');
  expect(await store.inbox.pending('s1', 10)).toHaveLength(2);
  const syncing = side.inbox.syncing();
  expect(syncing).not.toBeNull();
  held = null;
  release();
  await syncing;
  expect(side.inbox.syncing()).toBeNull();
  await opened.close();
});
