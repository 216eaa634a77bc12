/**
 * Auth state for the store's tests: opened with plain parts, of which a test names its own.
 */
import { systemClock } from '../../gateway/src/lib/clock.js';
import type { Store } from '../../gateway/src/store/index.js';
import { openAuthState, type AuthState, type AuthStateDeps } from '../../gateway/src/whatsapp/authState.js';

/** The first lease of session s1. */
export const FENCE = { sessionId: 's1', owner: 'one', epoch: 1 };

export const openAuth = (store: Store, more: Partial<AuthStateDeps> = {}): Promise<AuthState> =>
  openAuthState({
    store,
    clock: systemClock,
    fence: FENCE,
    alongside: () => null,
    onFailed: (error) => {
      throw error;
    },
    ...more,
  });

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Found values as text, by id. */
export const texts = (found: Record<string, Uint8Array>): Record<string, string> =>
  Object.fromEntries(Object.entries(found).map(([id, value]) => [id, Buffer.from(value).toString()]));
