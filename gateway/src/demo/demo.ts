/**
 * `sluice demo`: the story on a simulated WhatsApp, a gateway and a receiver of its own, all on loopback and gone at the
 * end. Parts are handed in by cli.ts, which composes.
 */
import { createSimulatorClient } from '../simulator/client.js';
import { createApi } from './api.js';
import { showCodes } from './codes.js';
import { startReceiver, type Receiver } from './receiver.js';
import { tellStory } from './story.js';

export interface RunningPart {
  stop(): Promise<void>;
}

export interface SimulatorAddress {
  url: string;
  controlUrl: string;
  rootKeyHex: string;
  mediaCaPem: string;
}

export interface DemoParts {
  startSimulator: () => Promise<RunningPart & SimulatorAddress>;
  /** Starts a gateway against the simulator, on a database that goes when it stops. */
  startGateway: (
    simulator: SimulatorAddress,
    privateTarget: string,
  ) => Promise<RunningPart & { url: string; adminKey: string }>;
  print: (line: string) => void;
  /** Shows a page to whoever runs the demo, if that is possible. */
  openPage: (url: string) => void;
  /** End after the story; otherwise stay until `untilStopped` resolves. */
  once: boolean;
  untilStopped: Promise<void>;
}

/** Runs the demo. @throws Error naming the step that failed, after everything is stopped */
export async function runDemo(parts: DemoParts): Promise<void> {
  const { print } = parts;
  const started: RunningPart[] = [];
  const keep = <T extends RunningPart>(part: T): T => {
    started.unshift(part);
    return part;
  };
  try {
    const receiver: Receiver = await startReceiver();
    keep({ stop: () => receiver.close() });
    const simulator = keep(await parts.startSimulator());
    print('A simulated WhatsApp runs on this machine; nothing leaves it.');
    const gateway = keep(await parts.startGateway(simulator, receiver.target));
    const phone = createSimulatorClient(simulator.controlUrl);
    await tellStory({ api: createApi(gateway.url, gateway.adminKey), phone, receiver, print });
    if (parts.once) return;
    const ending = new AbortController();
    const showing = showCodes(gateway, phone, ending.signal);
    keep({
      stop: () => {
        ending.abort();
        return showing;
      },
    });
    const phones = `${simulator.controlUrl}/phone/`;
    print('');
    print('It stays up for you to try; Ctrl-C ends it and removes its data.');
    print('');
    print(`  Simulated phones   ${phones}`);
    print(`                     Open this page: it is your phone, and that of everybody you write to.`);
    print(`  Dashboard          ${gateway.url}/`);
    print(`  Gateway            ${gateway.url}   (API: ${gateway.url}/docs)`);
    print(`  API key            ${gateway.adminKey}`);
    print('');
    print('For n8n: put this address and key into the credential "Sluice API". A QR code that a session');
    print('shows appears on the simulated phone, where one click scans it.');
    parts.openPage(phones);
    await parts.untilStopped;
  } finally {
    for (const part of started) await part.stop();
  }
}
