/**
 * The names that Baileys gives the files of keys, back to what the keys are called.
 */
import { keyOfFile } from '../../../gateway/src/whatsapp/multiFileState.js';

/** As `useMultiFileAuthState` writes them. */
const fileOf = (type: string, id: string): string =>
  `${type}-${id}.json`.replaceAll('/', '__').replaceAll(':', '-');

test.each([
  ['pre-key', '812'],
  ['session', '4915550001001.0'],
  ['session', '100000000001_1.7'],
  ['sender-key', '120363000000000001@g.us::100000000001_1::0'],
  ['sender-key', '4915550001001-1600000000@g.us::4915550001002::3'],
  ['sender-key', 'status@broadcast::100000000001_1::0'],
  ['sender-key-memory', '4915550001001-1600000000@g.us'],
  ['app-state-sync-key', 'AAAAA+/x/w=='],
  ['app-state-sync-version', 'critical_unblock_low'],
  ['lid-mapping', '100000000001_reverse'],
  ['device-list', '4915550001001'],
  ['tctoken', '__index'],
  ['tctoken', '100000000001@lid'],
  ['identity-key', '100000000001_1.0'],
  ['identity-key', '4915550001001:7@s.whatsapp.net'],
])('%s %s', (type, id) => {
  expect(keyOfFile(fileOf(type, id))).toEqual({ type, id });
});

test.each(['creds.json', 'notes.txt', 'session-.json', 'session-1.0.json.bak', 'unknown-1.json'])(
  '%s is no key',
  (name) => expect(keyOfFile(name)).toBeUndefined(),
);
