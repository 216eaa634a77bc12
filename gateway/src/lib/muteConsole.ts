/**
 * libsignal prints session objects with private keys through the global console (6.0.0: "Closing session: ..."),
 * and nothing in its interface stops it. Called once at the process edge, before any session starts.
 */

/** Silences the global console for the rest of the process; the program itself writes through its own streams. */
export function muteConsole(): void {
  const nothing = (): void => undefined;
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const) {
    globalThis.console[method] = nothing;
  }
}
