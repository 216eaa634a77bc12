/**
 * A consistent copy of the embedded database, also while a gateway writes to it. Used by commands/backup.
 */
import Libsql from 'libsql';

/** Copies the file as it is at one moment, without what was deleted. @throws Error when it cannot be read or written */
export function copySqliteFile(file: string, target: string): void {
  const database = new Libsql(file, { readonly: true });
  try {
    database.pragma('busy_timeout = 10000');
    database.prepare('vacuum into ?').run(target);
  } finally {
    database.close();
  }
}
