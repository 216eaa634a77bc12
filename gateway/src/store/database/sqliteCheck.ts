/**
 * Whether the embedded database can be read and is sound. Used by commands/doctor; changes nothing.
 */
import Libsql from 'libsql';

/** What is wrong with the file; null when nothing is. */
export function checkSqliteFile(file: string): string | null {
  try {
    const database = new Libsql(file, { readonly: true });
    try {
      const rows = database.prepare('pragma quick_check(1)').all() as { quick_check: string }[];
      const [first] = rows;
      return first === undefined || first.quick_check === 'ok' ? null : first.quick_check;
    } finally {
      database.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
