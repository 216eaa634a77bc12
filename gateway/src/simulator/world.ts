/**
 * The state that the parts of one simulator share. Made once by `simulator.ts` and handed to every feature.
 */
import type { Directory } from './directory/directory.js';
import type { Faults } from './faults/faults.js';
import type { Groups } from './groups/groups.js';
import type { TlsIdentity } from './media/tlsIdentity.js';
import type { MediaHost } from './media/mediaHost.js';
import type { ChangeSignal } from './records/changeSignal.js';
import type { Metrics } from './records/metrics.js';
import type { Records } from './records/records.js';
import type { OwnServerKeys } from './wire/certificate.js';

/** The part of a logger that the simulator uses; pino's fits. */
export interface SimulatorLogger {
  debug(data: object, text: string): void;
  info(data: object, text: string): void;
  warn(data: object, text: string): void;
}

export interface World {
  keys: OwnServerKeys;
  tls: TlsIdentity;
  directory: Directory;
  groups: Groups;
  faults: Faults;
  records: Records;
  changes: ChangeSignal;
  metrics: Metrics;
  media: MediaHost;
  logger: SimulatorLogger;
  /** Resolves when the present state is on the disk; at once when none is kept. */
  saved(): Promise<void>;
}
