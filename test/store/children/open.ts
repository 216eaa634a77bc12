/**
 * Child process: opens and migrates the database of the URL, says so, and holds it until it is killed or told to end.
 */
import { openDatabase } from '../../../gateway/src/store/database/index.js';

const [url = '', mode] = process.argv.slice(2);
const database = await openDatabase(url, { onError: () => undefined });
console.log('open');
if (mode === 'close') await database.close();
else setInterval(() => undefined, 1_000);
