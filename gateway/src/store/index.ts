/**
 * The store: one small object per noun, all on one database; `transaction` gives the same nouns inside a transaction.
 * Layers above take a Store and never see SQL.
 */
import type { Kysely } from 'kysely';
import type { Cipher } from '../lib/cipher.js';
import { systemClock, type Clock } from '../lib/clock.js';
import { createGroupCommit, type Committed } from './database/groupCommit.js';
import { retryUndone } from './database/deadlock.js';
import type { Database, Schema } from './database/index.js';
import type { RunCompiled, StatementContext } from './database/statement.js';
import { createApiKeysStore } from './apiKeys.js';
import { createCampaignsStore } from './campaigns.js';
import { createCommandsStore } from './commands.js';
import { createContactsStore } from './contacts.js';
import { createDeliveriesStore } from './deliveries.js';
import { createDeliveryLanesStore } from './deliveryLanes.js';
import { createEventsStore } from './events.js';
import { createGatewayStateStore, readGatewayState } from './gatewayState.js';
import { createIdempotencyStore } from './idempotency.js';
import { createInboxStore } from './inbox.js';
import { createKeyValuesStore } from './keyValues.js';
import { createLeasesStore } from './leases.js';
import { createMediaStore } from './media.js';
import { createMediaUploadsStore } from './mediaUploads.js';
import { createMessageReceiptsStore } from './messageReceipts.js';
import { createMediaDownloadsStore } from './mediaDownloads.js';
import { createMessagesStore } from './messages.js';
import { createOptOutsStore } from './optOuts.js';
import { createPastSendings } from './pastSendings.js';
import { createPollsStore } from './polls.js';
import { createRecipientsStore } from './recipients.js';
import { createRetentionStore } from './retention.js';
import { createRestrictionsStore } from './restrictions.js';
import { createSendingsStore } from './sendings.js';
import { createSessionsStore } from './sessions.js';
import { createUndecryptedStore } from './undecrypted.js';
import { createWebhooksStore } from './webhooks.js';

export { readGatewayState };
export { LeaseLostError } from './leases.js';

/** What a noun gets: where to run its queries, which engine that is, and the cipher for secret columns. */
export interface StoreContext extends StatementContext {
  cipher: Cipher;
}

const MAKERS = {
  apiKeys: createApiKeysStore,
  campaigns: createCampaignsStore,
  commands: createCommandsStore,
  contacts: createContactsStore,
  deliveries: createDeliveriesStore,
  deliveryLanes: createDeliveryLanesStore,
  events: createEventsStore,
  gatewayState: createGatewayStateStore,
  idempotency: createIdempotencyStore,
  inbox: createInboxStore,
  keyValues: createKeyValuesStore,
  leases: createLeasesStore,
  media: createMediaStore,
  mediaUploads: createMediaUploadsStore,
  messageReceipts: createMessageReceiptsStore,
  mediaDownloads: createMediaDownloadsStore,
  messages: createMessagesStore,
  optOuts: createOptOutsStore,
  pastSendings: createPastSendings,
  polls: createPollsStore,
  recipients: createRecipientsStore,
  retention: createRetentionStore,
  restrictions: createRestrictionsStore,
  sendings: createSendingsStore,
  sessions: createSessionsStore,
  undecrypted: createUndecryptedStore,
  webhooks: createWebhooksStore,
};

type Makers = typeof MAKERS;

/** The nouns, on the database or inside a transaction. */
export type Nouns = { readonly [Name in keyof Makers]: ReturnType<Makers[Name]> };

/** Each noun is made when it is first asked for: a transaction needs two or three, and there are many transactions. */
function nounsOf(context: StoreContext): Nouns {
  const made: Record<string | symbol, unknown> = {};
  const noun = (name: string | symbol): unknown =>
    name in MAKERS ? (made[name] ??= MAKERS[name as keyof Makers](context)) : undefined;
  return new Proxy({} as Nouns, {
    get: (_nouns, name) => noun(name),
    // So that a copy has all of them.
    ownKeys: () => Object.keys(MAKERS),
    getOwnPropertyDescriptor: (_nouns, name) => ({ value: noun(name), enumerable: true, configurable: true }),
  });
}

export interface Store extends Nouns {
  /** Runs `work` in one transaction: all of it is durable when this resolves, none of it when it throws. */
  transaction<T>(work: (tx: Nouns) => Promise<T>): Promise<T>;
  /**
   * The same, but resolves at the commit, when every later transaction sees it. Only for steps whose loss would be
   * repaired: what leaves the process because of it waits for `durable`.
   */
  transactionEarly<T>(work: (tx: Nouns) => Promise<T>): Promise<Committed<T>>;
  /**
   * The same for what nobody waits for: on the embedded database it shares a commit that happens anyway, within 20 ms,
   * and its `durable` a sync, within 50 ms.
   */
  transactionSoon<T>(work: (tx: Nouns) => Promise<T>): Promise<Committed<T>>;
  /**
   * Resolves when everything that can be read now is on the disk. What was read outside of a transaction of one's own,
   * and is to be told to somebody, waits for it.
   */
  durable: () => Promise<void>;
}

export type { Committed };

type Transact = <T>(work: (tx: Nouns) => Promise<T>) => Promise<T>;

/** The store over an open database. */
export function createStore(
  database: Omit<Database, 'close'>,
  cipher: Cipher,
  clock: Clock = systemClock,
): Store {
  const { db, engine, durable, durableSoon, direct } = database;
  const on = (q: Kysely<Schema>, run?: RunCompiled): Nouns => nounsOf({ q, engine, run, cipher });
  if (direct) {
    const commits = createGroupCommit(direct, { durable, durableSoon }, clock);
    // The same for all transactions, which run one after the other on the one connection: making them costs too.
    const inside = on(direct.inside, direct.within);
    return {
      ...on(db, direct.alone),
      transaction: (work) => commits.run(() => work(inside)),
      transactionSoon: (work) => commits.runSoon(() => work(inside)),
      transactionEarly: (work) => commits.runEarly(() => work(inside)),
      durable,
    };
  }
  const transaction: Transact = (work) => retryUndone(() => db.transaction().execute((tx) => work(on(tx))));
  const committed: Store['transactionEarly'] = async (work) => ({ value: await transaction(work), durable });
  return {
    ...on(db),
    transaction,
    transactionEarly: committed,
    transactionSoon: committed,
    durable,
  };
}
