/**
 * Records that survive a restart of the simulator: messages seen and written, and receipts, one JSON line each, appended
 * shortly after they are made. What a conversation is made of; the other records tell of the present run only.
 */
import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { proto } from '@whiskeysockets/baileys';
import { toJson } from '../messages/content.js';
import { KEPT_LISTS, type KeptList, type Records } from '../records/records.js';
import type { SimulatorLogger } from '../world.js';

const FILE_NAME = 'records.jsonl';
const WRITE_WITHIN_MS = 200;
/** Of each kind, the newest. */
const KEPT_EACH = 10_000;
/** The file is made anew when it has so many lines. */
const MAX_LINES = 100_000;

export interface RecordsFile {
  /** Writes what is not written yet, for the last time. */
  close(): Promise<void>;
}

type Line = [KeptList, Record<string, unknown>];

/** The field that holds a protobuf, which JSON alone would spoil. */
const PROTO_FIELD: Partial<Record<KeptList, string>> = { messages: 'message', written: 'content' };

function toLine(list: KeptList, record: object): string {
  const field = PROTO_FIELD[list];
  const plain = { ...record } as Record<string, unknown>;
  if (field) plain[field] = toJson(plain[field] as proto.IMessage);
  return `${JSON.stringify([list, plain] satisfies Line)}\n`;
}

function fromLine(line: string): Line {
  const [list, plain] = JSON.parse(line) as Line;
  const field = PROTO_FIELD[list];
  if (field) plain[field] = proto.Message.fromObject(plain[field] as object);
  return [list, plain];
}

async function readLines(path: string): Promise<string[]> {
  try {
    const text = await readFile(path, 'utf8');
    // What a kill has cut off has no end of line.
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, -1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const newestLines = (records: Records): string[] =>
  KEPT_LISTS.flatMap((list) =>
    records[list]
      .all()
      .slice(-KEPT_EACH)
      .map((record) => toLine(list, record)),
  );

/** Puts back what an earlier run has kept, and keeps what comes. @throws SyntaxError when the file was spoilt */
export async function keepRecords(
  records: Records,
  { directory, logger }: { directory: string; logger: SimulatorLogger },
): Promise<RecordsFile> {
  const path = join(directory, FILE_NAME);
  for (const [list, record] of (await readLines(path)).map(fromLine)) records.restore(list, record);
  let waiting: string[] = [];
  let lineCount = Infinity;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const rewrite = async (): Promise<void> => {
    waiting = [];
    const lines = newestLines(records);
    await writeFile(`${path}.new`, lines.join(''), { mode: 0o600 });
    await rename(`${path}.new`, path);
    lineCount = lines.length;
  };
  const write = async (): Promise<void> => {
    if (lineCount > MAX_LINES) return rewrite();
    const lines = waiting;
    waiting = [];
    lineCount += lines.length;
    if (lines.length > 0) await appendFile(path, lines.join(''), { mode: 0o600 });
  };
  const writeNext = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write).catch((error: unknown) => {
      // The next one makes the file anew, from what is in memory.
      lineCount = Infinity;
      logger.warn({ error }, 'the records of the simulator could not be saved');
    });
    return writing;
  };
  await writeNext();
  records.watch({
    onAdded: (list, record) => {
      waiting.push(toLine(list, record));
      timer ??= setTimeout(() => void writeNext(), WRITE_WITHIN_MS).unref();
    },
    onCleared: () => {
      lineCount = Infinity;
      void writeNext();
    },
  });
  return { close: writeNext };
}
