/**
 * A store on a real embedded database in a folder of its own, for tests below the whole gateway.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCipher } from '../../gateway/src/lib/cipher.js';
import { openDatabase, type Database, type OpenOptions } from '../../gateway/src/store/database/index.js';
import { createStore, type Store } from '../../gateway/src/store/index.js';

export interface TestStore {
  store: Store;
  /** For looking at what is stored as it is stored. */
  db: Database['db'];
  folder: string;
  close: () => Promise<void>;
}

/** `aroundSync` stands around the sync of the log, so that a test can hold the disk. */
export async function openTestStore({
  aroundSync,
}: Pick<OpenOptions, 'aroundSync'> = {}): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  const database = await openDatabase(`file:${join(folder, 'test.db')}`, {
    onError: () => undefined,
    ...(aroundSync && { aroundSync }),
  });
  const store = createStore(database, createCipher(Buffer.alloc(32, 7)));
  return {
    store,
    db: database.db,
    folder,
    async close() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
