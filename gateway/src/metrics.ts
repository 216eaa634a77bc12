/**
 * The Prometheus metrics at /metrics: the process, and counts read from the database when they are asked for.
 */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Store } from './store/index.js';

/** A registry of its own, so that two gateways in one process do not mix. */
export function createMetrics(store: Pick<Store, 'sessions' | 'messages'>): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'sluice_sessions',
    help: 'Sessions by status',
    labelNames: ['status'],
    registers,
    async collect() {
      this.reset();
      for (const { status, count } of await store.sessions.countByStatus()) this.set({ status }, count);
    },
  });
  new Gauge({
    name: 'sluice_messages_waiting',
    help: 'Messages that are scheduled, queued or being sent',
    registers,
    async collect() {
      this.set(await store.messages.countAllWaiting());
    },
  });
  return registry;
}
