/**
 * Reading one setting from the environment or from its NAME_FILE, and finding names that are no setting.
 * Used by config.ts only; gathers problems instead of stopping at the first.
 */
import { editDistance } from './values.js';

const PREFIX = 'SLUICE_';
const FILE_SUFFIX = '_FILE';

export interface Setting<T> {
  name: string;
  /** Type and unit, for the reader of the docs. */
  type: string;
  /** Read like a given value when `computed` is absent; otherwise only described here. */
  defaultText: string;
  /** The default is not a fixed text: loadConfig or the gateway makes it. */
  computed?: true;
  secret?: true;
  meaning: string;
  parse: (text: string) => T;
}

export type Environment = Record<string, string | undefined>;
/** Reads a text file whole, for the NAME_FILE forms. */
export type ReadFile = (path: string) => string;

/** Everything that is wrong with the settings; the message has one line per problem. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(`The settings are not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The text given for a setting, by name or by NAME_FILE; null when neither is set. An empty value counts as not set. */
function givenText({ env, readFile }: Sources, name: string): string | null {
  const direct = env[name] ?? '';
  const path = env[name + FILE_SUFFIX] ?? '';
  if (path === '') return direct === '' ? null : direct;
  if (direct !== '') throw new Error(`and ${name}${FILE_SUFFIX} are both set. Remove one of them.`);
  let text: string;
  try {
    text = readFile(path).trim();
  } catch (error) {
    throw new Error(
      `cannot be read from the file in ${name}${FILE_SUFFIX}: ${messageOf(error)}. Check path and rights.`,
      {
        cause: error,
      },
    );
  }
  if (text === '') throw new Error(`is empty: the file "${path}" of ${name}${FILE_SUFFIX} holds nothing.`);
  return text;
}

export interface Sources {
  env: Environment;
  readFile: ReadFile;
  problems: string[];
}

/** The parsed value; null when it is not given and has no fixed default, or when it is wrong (then noted). */
export function readSetting<T>(
  sources: Sources,
  { name, parse, computed, defaultText }: Setting<T>,
): T | null {
  try {
    const text = givenText(sources, name) ?? (computed ? null : defaultText);
    return text === null ? null : parse(text);
  } catch (error) {
    sources.problems.push(`${name} ${messageOf(error)}`);
    return null;
  }
}

/** Names that begin with SLUICE_ and are no setting: a misspelt name must not be ignored in silence. */
export function unknownNames(env: Environment, settings: Pick<Setting<unknown>, 'name'>[]): string[] {
  const known = settings.flatMap(({ name }) => [name, name + FILE_SUFFIX]);
  const unknown = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !known.includes(name));
  return unknown.map((name) => {
    const [nearest] = known.toSorted((a, b) => editDistance(name, a) - editDistance(name, b));
    return `${name} is not a setting. Did you mean ${String(nearest)}? Correct the name or remove it.`;
  });
}
