/** Silences the console of a test file, as the gateway does for its process. */
for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'])
  globalThis.console[method] = () => undefined;
