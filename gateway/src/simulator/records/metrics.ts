/**
 * Counters of one simulator, read through the control API.
 */
export interface Counters {
  connections: number;
  logins: number;
  pairings: number;
  stanzasIn: number;
  stanzasOut: number;
  messagesIn: number;
  messagesOut: number;
  decrypted: number;
  encrypted: number;
  /** Messages that linked devices have acknowledged. */
  acknowledged: number;
  malformedConnections: number;
}

export interface Metrics {
  count(name: keyof Counters, by?: number): void;
  countQuery(xmlns: string): void;
  read(): Counters & {
    queries: Record<string, number>;
    uptimeMs: number;
    cpuMs: number;
    memoryBytes: number;
  };
}

/** Counters at zero. CPU time and memory are those of the whole process. */
export function createMetrics(): Metrics {
  const startedAt = Date.now();
  const queries: Record<string, number> = {};
  const counters: Counters = {
    connections: 0,
    logins: 0,
    pairings: 0,
    stanzasIn: 0,
    stanzasOut: 0,
    messagesIn: 0,
    messagesOut: 0,
    decrypted: 0,
    encrypted: 0,
    acknowledged: 0,
    malformedConnections: 0,
  };
  return {
    count(name, by = 1) {
      counters[name] += by;
    },
    countQuery(xmlns) {
      queries[xmlns] = (queries[xmlns] ?? 0) + 1;
    },
    read() {
      const { user, system } = process.cpuUsage();
      return {
        ...counters,
        queries: { ...queries },
        uptimeMs: Date.now() - startedAt,
        cpuMs: Math.round((user + system) / 1000),
        memoryBytes: process.memoryUsage().rss,
      };
    },
  };
}
