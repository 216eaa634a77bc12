/**
 * Holds every QR code that the gateway shows in front of the simulated phones, so that one click on their page scans it.
 * The phones' server could not know the codes: half of each never leaves the gateway. Uses the event stream, as any
 * client may.
 */
import type { SimulatorClient } from '../simulator/client.js';

export interface CodeSource {
  url: string;
  adminKey: string;
}

interface QrEvent {
  sessionId: string;
  data: { qr: string };
}

const RETRY_MS = 1000;

/** The events in a stream of server-sent events, as they come. */
async function* eventsIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<QrEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const frames = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      if (data !== undefined) yield JSON.parse(data) as QrEvent;
    }
  }
}

/** Shows codes until the signal is aborted; a stream that breaks is opened again. */
export async function showCodes(
  source: CodeSource,
  phone: SimulatorClient,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const headers = { 'x-api-key': source.adminKey };
      const address = `${source.url}/v1/events/stream?types=session.qr`;
      const { body } = await fetch(address, { headers, signal });
      for await (const { sessionId, data } of eventsIn(body as unknown as AsyncIterable<Uint8Array>)) {
        // Refused when the code has been scanned or replaced by now, and then there is nothing to show.
        await phone.showCode({ qr: data.qr, label: `Session “${sessionId}”` }).catch(() => undefined);
      }
    } catch {
      // The gateway is gone or going; the next look tells which.
    }
    await pause(RETRY_MS, signal);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
