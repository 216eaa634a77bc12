/**
 * The commands of `sluice`, each a few lines: they read the settings and start what gateway.ts, simulator/ and demo/
 * provide. Called by main.ts, which owns the process.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { backUp } from './commands/backup.js';
import { examine } from './commands/doctor.js';
import { importLogin, type ImportOptions } from './commands/import.js';
import { createKey, listKeys, revokeKey, type NewKeyOptions } from './commands/keys.js';
import { ConfigError, loadConfig, type Config, type ReadFile } from './config.js';
import { runDemo } from './demo/demo.js';
import { startDemoGateway } from './demo/gatewayProcess.js';
import { openPage } from './demo/openPage.js';
import { ROLES } from './domain/apiKey.js';
import { startGateway } from './gateway.js';
import { ownTemporaryFolder } from './lib/temporaryFolder.js';
import { createLogger } from './lib/logger.js';
import { createSimulator } from './simulator/simulator.js';
import { VERSION } from './version.js';

export interface CommandContext {
  argv: string[];
  env: Record<string, string | undefined>;
  readFile: ReadFile;
  print: (line: string) => void;
  printError: (line: string) => void;
  /** Whether somebody reads along at a terminal. */
  isInteractive: boolean;
  /** Resolves when the process is asked to end. */
  untilStopped: Promise<void>;
}

/** The program, for commands that run it as a process of its own. */
const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

async function start(context: CommandContext): Promise<void> {
  const config = loadConfig(context.env, context.readFile);
  // Read by os.tmpdir(), and by what asks it for a place, as Baileys does for files on their way.
  context.env.TMPDIR = ownTemporaryFolder(config.dataDir);
  const gateway = await startGateway(config, { logger: createLogger(config.logLevel) });
  context.print(`Sluice ${VERSION} listens at ${gateway.url}`);
  if (gateway.newAdminKey !== null) {
    context.print('');
    context.print(`  Admin API key: ${gateway.newAdminKey}`);
    context.print('  It is shown this once and cannot be shown again; keep it in a safe place.');
    context.print('');
  }
  await context.untilStopped;
  await gateway.stop();
}

async function demo(
  context: CommandContext,
  { once, open }: { once: boolean; open: boolean },
): Promise<void> {
  const { env, isInteractive } = context;
  // n8n's own addresses stay allowed, so that its trigger works against the demo too.
  const { privateTargets } = loadConfig({}, () => '');
  await runDemo({
    startSimulator: () => createSimulator(),
    startGateway: (simulator, target) =>
      startDemoGateway({ program: MAIN, simulator, privateTargets: [...privateTargets, target], env }),
    print: context.print,
    openPage: (url) => {
      if (open) openPage(url, { env, platform: process.platform, isInteractive });
    },
    once,
    untilStopped: context.untilStopped,
  });
}

interface SimulatorFlags {
  port: number;
  controlPort: number;
  mediaPort: number;
  state?: string;
}

/** Writes the certificate that a gateway's process must trust for media; answers its path. */
function writeMediaCa(folder: string, pem: string): string {
  const path = join(folder, 'media-ca.pem');
  writeFileSync(path, pem);
  return path;
}

async function simulate(context: CommandContext, { state, ...ports }: SimulatorFlags): Promise<void> {
  const simulator = await createSimulator({ ...ports, ...(state === undefined ? {} : { stateDir: state }) });
  const folder = state ?? mkdtempSync(join(tmpdir(), 'sluice-simulator-'));
  context.print('A simulated WhatsApp runs on this machine. Settings for a gateway that uses it:');
  context.print(`  SLUICE_WHATSAPP_SIMULATED=true`);
  context.print(`  SLUICE_WHATSAPP_URL=${simulator.url}`);
  context.print(`  SLUICE_WHATSAPP_ROOT_KEY=${simulator.rootKeyHex}`);
  context.print(`  NODE_EXTRA_CA_CERTS=${writeMediaCa(folder, simulator.mediaCaPem)}`);
  context.print(`Simulated phones for a browser: ${simulator.controlUrl}/phone/`);
  context.print(`Its control API: ${simulator.controlUrl}`);
  await context.untilStopped;
  await simulator.stop();
  if (state === undefined) rmSync(folder, { recursive: true, force: true });
}

function toPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

/** The settings of the gateway whose data a command works on. */
const settingsOf = ({ env, readFile }: CommandContext): Config => loadConfig(env, readFile);

function addKeyCommands(program: Command, context: CommandContext): void {
  const keys = program.command('keys').description('API keys, without a running gateway');
  keys
    .command('create')
    .description('make a key and print it once')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('operator'))
    .option('--test', 'a test key: everything works, and nothing is handed to WhatsApp', false)
    .option('--session <id...>', 'limit it to these sessions', [])
    .action((options: NewKeyOptions) => createKey(settingsOf(context), options, context));
  keys
    .command('list')
    .description('list the keys that work, without their text')
    .action(() => listKeys(settingsOf(context), context));
  keys
    .command('revoke <id>')
    .description('a key no longer works')
    .action((id: string) => revokeKey(settingsOf(context), id, context));
}

function addCareCommands(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('look at what the gateway needs, and say what to do about what is wrong')
    .action(async () => {
      if (await examine(settingsOf(context), context)) return;
      throw new CommanderError(1, 'sluice.doctor', 'something is to be mended');
    });
  program
    .command('backup <folder>')
    .description('copy the embedded database, files and key to a new folder, also while the gateway runs')
    .action((folder: string) => {
      backUp(settingsOf(context), folder, context);
    });
  program
    .command('import <folder>')
    .description("make a session of a login that another program keeps with Baileys' useMultiFileAuthState")
    .option('--id <id>', "the session's id; by default made of the folder's name")
    .option('--name <name>', "the session's name")
    .action((folder: string, options: ImportOptions) =>
      importLogin(settingsOf(context), { folder, ...options }, context),
    );
}

function createProgram(context: CommandContext): Command {
  const program = new Command('sluice').description('WhatsApp for n8n, on your own server.').version(VERSION);
  program.exitOverride().configureOutput({ writeOut: context.print, writeErr: context.printError });
  program
    .command('start')
    .description('run the gateway; its settings are SLUICE_... environment variables')
    .action(() => start(context));
  program
    .command('demo')
    .description('send and receive a message on a simulated WhatsApp, without a phone')
    .option('--once', 'end after the story', false)
    .option('--no-open', 'do not open the page of the simulated phones in a browser')
    .action((options: { once: boolean; open: boolean }) => demo(context, options));
  program
    .command('simulator')
    .description('run the simulated WhatsApp alone')
    .option('--port <port>', 'port of the WhatsApp side', toPort, 0)
    .option('--control-port <port>', 'port of the control API', toPort, 0)
    .option('--media-port <port>', 'port of the media host', toPort, 0)
    .option('--state <folder>', 'keep phones, links and messages in this folder over restarts')
    .action((flags: SimulatorFlags) => simulate(context, flags));
  addKeyCommands(program, context);
  addCareCommands(program, context);
  return program;
}

/** What a user reads when a command fails: the sentence, and the cause where it says more. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && !error.message.includes(cause.message)
    ? `${error.message} (${cause.message})`
    : error.message;
}

/** Runs the command in `argv`; answers the exit code. */
export async function runCommand(context: CommandContext): Promise<number> {
  try {
    await createProgram(context).parseAsync(context.argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    context.printError(explain(error));
    return 1;
  }
}
