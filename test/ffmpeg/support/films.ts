/**
 * A gateway against the simulator for files that ffmpeg makes: sends them, and answers what the recipient's phone got.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayProcess } from '../../support/gatewayProcess.js';
import { connected, pair, useWorld, type MessageJson } from '../../support/world.js';

interface Answer extends MessageJson {
  type: string;
  /** Only when there are any. */
  warnings?: { code: string; message: string }[];
}

export const binary = (base64: unknown): Buffer => Buffer.from(String(base64), 'base64');

export function useFilms({ phone: number, to }: { phone: string; to: string }) {
  const world = useWorld();
  let gateway: GatewayProcess;
  let dataDir: string;
  const at = (name: string): string => join(dataDir, 'made', name);

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    gateway = await world.start({ dataDir, env });
  };

  beforeAll(async () => {
    dataDir = world.newDataDir();
    mkdirSync(join(dataDir, 'made'));
    await start();
    await world.phone().createContact({ number: to, name: 'Bob' });
    await pair(gateway, world.phone(), { id: 'films', number });
  });

  return {
    phone: world.phone,
    at,
    /** Makes a file with ffmpeg; its bytes. */
    make: (name: string, ...args: string[]): Buffer => {
      execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, at(name)], { stdio: 'pipe' });
      return readFileSync(at(name));
    },
    /** What ffprobe says of a file's first stream and of the whole. */
    probe: (bytes: Buffer): { stream: Record<string, unknown>; seconds: number } => {
      writeFileSync(at('probed'), bytes);
      const asked = ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', at('probed')];
      const said = JSON.parse(execFileSync('ffprobe', asked).toString()) as {
        streams: Record<string, unknown>[];
        format: { duration: string };
      };
      return { stream: said.streams[0] ?? {}, seconds: Number(said.format.duration) };
    },
    upload: async (bytes: Buffer, type: string): Promise<string> => {
      const raw = { raw: new Uint8Array(bytes), headers: { 'content-type': type } };
      return (await gateway.ask<{ id: string }>('POST', '/v1/media', undefined, raw)).id;
    },
    /** The answer, the protobuf that the phone decrypted, and the file that it opened. */
    sent: async (body: object) => {
      const { status, body: answer } = await gateway.call<Answer>(
        'POST',
        '/v1/messages?wait=sent&timeoutSeconds=60',
        { sessionId: 'films', to, ...body },
      );
      if (status !== 200) throw new Error(`${String(status)} ${JSON.stringify(answer)}`);
      const [seen] = await world.phone().messages.waitFor({ to, waId: answer.waId });
      const { bytes } = await world.phone().mediaOf(to, answer.waId);
      return { answer, part: (name: string) => seen?.message[name] as Record<string, unknown>, bytes };
    },
    restartWithoutFfmpeg: async (): Promise<void> => {
      mkdirSync(at('empty'));
      await gateway.stop();
      await start({ PATH: at('empty') });
      await connected(gateway, 'films');
    },
    /** Files that were not removed: half-written ones, and those on their way to WhatsApp. */
    leftovers: (): string[] => {
      const [own = ''] = readdirSync(join(dataDir, 'tmp'));
      const parts = readdirSync(join(dataDir, 'media')).filter((name) => name.endsWith('.part'));
      return [...parts, ...readdirSync(join(dataDir, 'tmp', own))];
    },
  };
}
