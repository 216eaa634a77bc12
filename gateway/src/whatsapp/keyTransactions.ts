/**
 * rc14's transactions on keys end when they are committed. It finds the transaction in hand by the async context, and what
 * was begun inside of one and not waited for (a timer of its event buffer, an answer to a question) keeps that context:
 * what it writes then goes into a transaction that is over, and what it reads is what that transaction once saw. Here such
 * a context is no transaction any more, so that late reads and writes go to the key store itself.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

type Storage = AsyncLocalStorage<unknown>;
type Work = (...args: unknown[]) => unknown;

/** The methods that are replaced; `this` is the storage that is asked. */
interface Methods {
  run: (this: Storage, ...call: [store: unknown, work: Work, ...args: unknown[]]) => unknown;
  getStore: (this: Storage) => unknown;
  [ENDS]?: true;
}

const ENDS = Symbol('ends key transactions');

/** The context that rc14's addTransactionCapability makes (Utils/auth-utils.js), and nothing else. */
const isKeyTransaction = (store: unknown): store is object =>
  typeof store === 'object' &&
  store !== null &&
  'mutations' in store &&
  'cache' in store &&
  'dbQueries' in store;

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value;

/** Changes the whole process, for contexts of that shape only; a second call changes nothing. */
export function endKeyTransactions(): void {
  const methods = AsyncLocalStorage.prototype as unknown as Methods;
  if (methods[ENDS]) return;
  const { run, getStore } = methods;
  const ended = new WeakSet<object>();

  methods.run = function (store, work, ...args) {
    const result = run.call(this, store, work, ...args);
    if (!isKeyTransaction(store)) return result;
    const end = (): void => void ended.add(store);
    // Heard of before rc14 hears: it hands its commit to the store in the very next step, and later writes come after it.
    if (isPromise(result)) result.then(end, end);
    else end();
    return result;
  };
  methods.getStore = function () {
    const store = getStore.call(this);
    return typeof store === 'object' && store !== null && ended.has(store) ? undefined : store;
  };
  methods[ENDS] = true;
}
