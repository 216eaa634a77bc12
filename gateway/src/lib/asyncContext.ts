/**
 * Before Node 24 every AsyncLocalStorage that was ever used adds a step to the making of every promise of the process, and
 * Baileys has one for each of its sockets: with forty sessions that was a fifth of the whole time. Here all of them keep
 * their values in one, as Node itself does since 24. Called once at the process edge; it changes no result.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';

type Storage = AsyncLocalStorage<unknown>;
type Frame = ReadonlyMap<Storage, unknown>;
type Work = (...args: unknown[]) => unknown;

/** The methods that are replaced; `this` is the storage that is asked. */
interface Methods {
  run: (this: Storage, ...call: [store: unknown, work: Work, ...args: unknown[]]) => unknown;
  exit: (this: Storage, work: Work, ...args: unknown[]) => unknown;
  enterWith: (this: Storage, store: unknown) => void;
  getStore: (this: Storage) => unknown;
  disable: (this: Storage) => void;
}

/** Since this version Node does so by itself. */
const BUILT_IN_SINCE = 24;

/** @param nodeVersion as `process.versions.node` gives it */
export const needsSharedContext = (nodeVersion: string): boolean =>
  Number(nodeVersion.split('.')[0]) < BUILT_IN_SINCE;

/** Makes all storages of the class keep their values in one; also those that exist already, if they hold nothing. */
export function shareAsyncContext(storageClass: typeof AsyncLocalStorage): void {
  const methods = storageClass.prototype as unknown as Methods;
  const { run, enterWith, getStore } = methods;
  /** The one storage that works as Node made it. */
  const frames = new storageClass<Frame>() as Storage;
  const disabled = new WeakSet<Storage>();
  const frame = (): Frame | undefined => getStore.call(frames) as Frame | undefined;

  function frameWith(storage: Storage, store: unknown): Frame {
    disabled.delete(storage);
    return new Map(frame()).set(storage, store);
  }

  methods.getStore = function () {
    return disabled.has(this) ? undefined : frame()?.get(this);
  };
  methods.run = function (store, work, ...args) {
    if (Object.is(store, this.getStore())) return work(...args);
    return run.call(frames, frameWith(this, store), work, ...args);
  };
  methods.exit = function (work, ...args) {
    return methods.run.call(this, undefined, work, ...args);
  };
  methods.enterWith = function (store) {
    enterWith.call(frames, frameWith(this, store));
  };
  methods.disable = function () {
    disabled.add(this);
  };
}
