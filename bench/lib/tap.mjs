/**
 * Stands between the simulated WhatsApp and its clients, and tells when its bytes came: the moment from which the
 * latency of an incoming message counts, without the call that made somebody send it.
 */
import { connect, createServer } from 'node:net';

/** A simulator whose clients come through the tap. */
export async function startTap(simulator) {
  const { hostname, port } = new URL(simulator.url);
  let onBytes = () => undefined;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    upstream.on('data', (bytes) => {
      client.write(bytes);
      onBytes();
    });
    client.on('data', (bytes) => upstream.write(bytes));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(simulator.url);
  url.port = String(server.address().port);
  return {
    simulator: { ...simulator, url: url.href },
    /** Resolves with the time (`performance.now()`) at which the next bytes come from WhatsApp. */
    nextBytes: () =>
      new Promise((resolve) => {
        onBytes = () => {
          onBytes = () => undefined;
          resolve(performance.now());
        };
      }),
    stop: () => server.close(),
  };
}
