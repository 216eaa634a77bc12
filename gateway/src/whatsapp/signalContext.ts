/**
 * libsignal 6.0.0 has one line per address in the whole process, and whoever finds it empty works off what others put in
 * meanwhile, in its own async context. Baileys' transactions and the inbox find what belongs together by that context: a
 * contact that writes to two sessions at once would have the second ratchet committed outside of its transaction, without
 * the plaintext, and a crash would lose the message. Here each step keeps the context of the one who asked for it.
 */
import { AsyncResource } from 'node:async_hooks';
import { SessionBuilder, SessionCipher, type SignalStorage } from 'libsignal';

type Job = () => Promise<unknown>;

/** What libsignal's types leave out. */
interface Cipher {
  queueJob: (job: Job) => Promise<unknown>;
}
interface Builder {
  storage: SignalStorage;
  initOutgoing: (this: Builder, bundle: unknown) => Promise<void>;
}

const KEEPS_CONTEXT = Symbol('keeps the context');

/** The same storage; each call runs in the context of this moment. */
const inThisContext = (storage: SignalStorage): SignalStorage =>
  Object.fromEntries(
    Object.entries(storage).map(([name, method]: [string, () => unknown]) => [
      name,
      AsyncResource.bind(method),
    ]),
  ) as unknown as SignalStorage;

/**
 * Changes libsignal for the whole process; a second call changes nothing. Call it before the first session is used.
 * @throws Error when libsignal is not what this was written for: going on would lose messages in a crash
 */
export function keepSignalContext(): void {
  const cipher = SessionCipher.prototype as unknown as Cipher & { [KEEPS_CONTEXT]?: true };
  const builder = SessionBuilder.prototype as unknown as Builder;
  if (cipher[KEEPS_CONTEXT]) return;
  const { queueJob } = cipher;
  const { initOutgoing } = builder;
  if (typeof queueJob !== 'function' || typeof initOutgoing !== 'function')
    throw new Error('libsignal has changed: its line per address is not where it was in 6.0.0.');

  cipher.queueJob = function (this: Cipher, job) {
    return queueJob.call(this, AsyncResource.bind(job));
  };
  // This one goes to the line by a way that cannot be met; what it asks its storage for can.
  builder.initOutgoing = function (this: Builder, bundle) {
    const own = Object.assign(Object.create(this) as Builder, { storage: inThisContext(this.storage) });
    return initOutgoing.call(own, bundle);
  };
  cipher[KEEPS_CONTEXT] = true;
}
