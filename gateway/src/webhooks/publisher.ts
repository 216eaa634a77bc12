/**
 * Events into the log and, in the same transaction, one delivery per webhook that wants them.
 * Called by outbox/ and whatsapp/ through the port they declare; it sends nothing itself.
 */
import { wantsEvent } from '../domain/event.js';
import { DELIVERY_LIFETIME_MS } from '../domain/retry.js';
import type { Clock } from '../lib/clock.js';
import type { Logger } from '../lib/logger.js';
import { createTextMatcher } from './textFilter.js';
import type { Publisher } from './types.js';

export interface PublisherDeps {
  clock: Clock;
  log: Logger;
  /** Told after each committed transaction, and whether a webhook wants anything of it. */
  onCommitted: (withDeliveries: boolean) => void;
}

export function createPublisher({ clock, log, onCommitted }: PublisherDeps): Publisher {
  const matches = createTextMatcher(() => {
    log.warn('a text filter of a webhook took too long; the event is delivered without it');
  });

  // Since the last commit that was told of; one that was rolled back makes for a look in vain.
  let wanted = false;

  return {
    async publish(tx, newEvent) {
      const now = clock.now();
      const event = await tx.events.append(newEvent, now);
      if (event === null) return null;
      const subscriptions = await tx.webhooks.subscriptions();
      const webhookIds = subscriptions
        .filter((subscription) => wantsEvent(subscription, event, matches))
        .map(({ id }) => id);
      if (webhookIds.length === 0) return event;
      wanted = true;
      await tx.deliveries.add({ webhookIds, events: [event], now, expiresAt: now + DELIVERY_LIFETIME_MS });
      await tx.deliveryLanes.open(webhookIds, event.sessionId, now);
      return event;
    },
    committed() {
      const withDeliveries = wanted;
      wanted = false;
      onCommitted(withDeliveries);
    },
  };
}
