/**
 * Transactions of several processes, or of one process at the same time, can wait for one another in Postgres; it then
 * undoes one of them and says so. That one is simply done again: nothing of it has happened. Used by the store's
 * transactions on Postgres; the embedded database has one at a time.
 */

/** PostgreSQL, appendix A: serialization_failure, deadlock_detected. */
const AGAIN = ['40001', '40P01'];
const TRIES = 5;

const isUndone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && AGAIN.includes(String(error.code));

/** Runs a transaction, and again when Postgres has undone it for the sake of another. @throws what the last try threw */
export async function retryUndone<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (tries === TRIES || !isUndone(error)) throw error;
    }
  }
}
