/**
 * A Postgres that cannot be used is told with its place, the reason and what to do, and without the password.
 */
import { openDatabase } from '../../gateway/src/store/database/index.js';
import { useEngine } from '../support/databases.js';

const { open } = useEngine('postgres');
const opening = (url: string): Promise<string> =>
  openDatabase(url, { onError: () => undefined }).then(
    () => 'opened',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

test.each([
  [
    'nobody listens',
    'postgres://u:secret@127.0.0.1:1/sluice',
    /^Postgres at 127\.0\.0\.1:1, database sluice cannot be used: .*ECONNREFUSED.*\. Nothing listens there: start/,
  ],
  [
    'a name with several addresses',
    'postgres://u:secret@localhost:1/sluice',
    /^Postgres at localhost:1, database sluice cannot be used: .*ECONNREFUSED.*\. Nothing listens/,
  ],
  [
    'no such socket',
    'postgres://u:secret@localhost/sluice?host=%2Fno%2Fsuch%2Ffolder',
    /^Postgres at \/no\/such\/folder:5432, database sluice cannot be used: .*ENOENT.* no such socket/,
  ],
])('%s', async (_what, url, expected) => {
  const message = await opening(url);
  expect(message).toMatch(expected);
  expect(message).not.toContain('secret');
});

test('a database that does not exist', async () => {
  const { url } = await open();
  const other = url.replace(/\/test_\d+/, '/none').replace('sluice@', 'sluice:secret@');
  const message = await opening(other);
  expect(message).toMatch(
    /database none cannot be used: database "none" does not exist\. Create the database/,
  );
  expect(message).not.toContain('secret');
});
