/**
 * Lists of records with a filter and, if asked, a wait until enough of them match (long poll).
 */
import type { ChangeSignal } from '../records/changeSignal.js';

export interface Matches<T> {
  items: T[];
  /** False when the wait ended before enough had come. */
  complete: boolean;
}

export interface Wait {
  waitForCount?: number | undefined;
  timeoutMs?: number | undefined;
}

/** All matching items, as soon as there are `waitForCount` of them or the time is up. */
export async function collect<T>(changes: ChangeSignal, wait: Wait, list: () => T[]): Promise<Matches<T>> {
  const wanted = wait.waitForCount ?? 0;
  const enough = await changes.waitFor(() => {
    const items = list();
    return items.length >= wanted ? items : undefined;
  }, wait.timeoutMs ?? 0);
  return { items: enough ?? list(), complete: enough !== undefined };
}

/** Whether each given field of the filter equals the record's; absent ones match everything. */
export function matcher(filter: object): (record: object) => boolean {
  const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
  return (record) => wanted.every(([field, value]) => (record as Record<string, unknown>)[field] === value);
}
