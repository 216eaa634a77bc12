/**
 * The outbox put together: what http/ calls, and the drain loops of the sessions owned here.
 */
import { createActions } from './actions.js';
import { createBatch } from './batch.js';
import { createCampaigns } from './campaigns.js';
import { createDrains, type Drains } from './drains.js';
import { createEnqueue } from './enqueue.js';
import { createHorizon } from './horizon.js';
import { createIncoming, type Incoming } from './incoming.js';
import { createLimits } from './limits.js';
import { createMessageRecipients } from './messageRecipients.js';
import { createMove } from './move.js';
import { createOutlook } from './outlook.js';
import { createOptOuts } from './optOuts.js';
import type { OutboxDeps } from './ports.js';
import { createReader } from './reader.js';
import { createReceive, type Receive } from './receive.js';
import { createSettle } from './settle.js';
import type { Outbox } from './types.js';

/** The outbox, with the edges that gateway.ts connects to ownership and to WhatsApp. */
export interface RunningOutbox extends Outbox, Drains {
  /** From now on the messages of campaigns are made. */
  startCampaigns: () => void;
  /** A receipt came in for messages of the session. */
  receive: Receive;
  /** A message or a reaction came in; called in the transaction that writes its event. */
  incoming: Incoming;
}

export function createOutbox(deps: OutboxDeps): RunningOutbox {
  const outlook = createOutlook(deps);
  const reader = createReader({ ...deps, outlook });
  const moving = { ...deps, ...createMove(deps) };
  const receive = createReceive(moving);
  const horizon = createHorizon();
  const enqueueMany = createBatch({ ...deps, horizon });
  const actions = createActions({ ...deps, get: reader.get });
  const drains = createDrains({ ...deps, settle: createSettle(moving), receive, horizon });
  const campaigns = createCampaigns({ ...deps, ...actions, enqueueMany, describe: reader.describe });
  return {
    ...reader,
    ...drains,
    async stop() {
      await Promise.all([campaigns.stop(), drains.stop()]);
    },
    startCampaigns: campaigns.start,
    campaigns,
    recipientsOf: createMessageRecipients(deps),
    limits: createLimits({ ...deps, queueState: reader.queueState, outlook }),
    ...actions,
    enqueue: createEnqueue({ ...deps, horizon }),
    enqueueMany,
    receive,
    incoming: createIncoming(deps),
    optOuts: createOptOuts(deps),
  };
}
