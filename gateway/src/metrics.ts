/**
 * The Prometheus metrics at /metrics: the process, and counts read from the database when they are asked for.
 */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Clock } from './lib/clock.js';
import type { Store } from './store/index.js';

/** A phone that is switched on receives within seconds: many over ten minutes are a number in trouble. */
const UNDELIVERED_FOR = [
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['24h', 86_400_000],
] as const;

/** A registry of its own, so that two gateways in one process do not mix. */
export function createMetrics(
  store: Pick<Store, 'sessions' | 'messages' | 'undecrypted'>,
  clock: Clock,
): Registry {
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
  new Gauge({
    name: 'sluice_messages_undelivered',
    help: 'Messages that WhatsApp acknowledged longer ago than the label says and that nobody has received',
    labelNames: ['older_than'],
    registers,
    async collect() {
      const now = clock.now();
      for (const [label, ms] of UNDELIVERED_FOR)
        this.set({ older_than: label }, await store.messages.countUndelivered(now - ms));
    },
  });
  new Gauge({
    name: 'sluice_undecrypted_messages',
    help: 'Incoming messages that could not be decrypted: still waited for, or reported and missing',
    labelNames: ['state'],
    registers,
    async collect() {
      const { waiting, reported } = await store.undecrypted.count();
      this.set({ state: 'waiting' }, waiting);
      this.set({ state: 'reported' }, reported);
    },
  });
  return registry;
}
