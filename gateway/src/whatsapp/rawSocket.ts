/**
 * The WebSocket under Baileys' client, which rc14 keeps to itself. For what has to step between the two: frameGate,
 * sharedWrites and endings.
 */
import type { WASocket } from '@whiskeysockets/baileys';

export type Told = (error?: Error) => void;

export interface RawSocket {
  /** Frames are encrypted one after the other just before they come here. */
  send: (bytes: Uint8Array, told?: Told) => void;
  /** With WebSocket's farewell. */
  close: (code?: number, reason?: string) => void;
  /** Without it. */
  terminate: () => void;
}

export const rawSocketOf = ({ ws }: Pick<WASocket, 'ws'>): RawSocket | null =>
  (ws as unknown as { socket: RawSocket | null }).socket;
