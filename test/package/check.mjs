/**
 * The packed nodes package as n8n gets it: passes n8n's own scanner, holds only what n8n needs, and installs as one
 * package. `npm run test:package`; what it needs and is large is installed into .cache/, which git ignores.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCANNER = '@n8n/scan-community-package';
const SCANNER_VERSION = '0.32.0';
const PACKED = ['**/*.js', '**/*.json'];
const SOURCES = ['package.json', '{nodes,credentials}/**/*.{js,ts,json}'];

const npm = (args, cwd) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const results = { passed: 0, failed: 0 };

async function check(name, work) {
  try {
    await work();
    results.passed += 1;
    process.stdout.write(`ok      ${name}\n`);
  } catch (error) {
    results.failed += 1;
    process.stdout.write(`FAILED  ${name}\n${error.message}\n`);
  }
}

async function loadScanner() {
  const folder = join(ROOT, '.cache', 'scanner');
  const program = join(folder, 'node_modules', SCANNER, 'scanner', 'scanner.mjs');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', `${SCANNER}@${SCANNER_VERSION}`], folder);
  }
  const scanner = await import(pathToFileURL(program).href);
  const { ESLint } = createRequire(program)('eslint');
  return { ...scanner, ESLint };
}

/** The scanner passes what has warnings only, so its rules are run once more for those. */
async function warningsOf({ ESLint, buildScanConfig }, folder, patterns) {
  const eslint = new ESLint({
    cwd: folder,
    allowInlineConfig: false,
    overrideConfigFile: true,
    overrideConfig: await buildScanConfig(),
  });
  const results = await eslint.lintFiles(patterns);
  assert.ok(results.length > 0, 'there is nothing to look at');
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => `${filePath}: ${ruleId} ${message}`),
  );
}

async function scan(scanner, folder, patterns) {
  const { passed, message, details } = await scanner.analyzePackage(folder, patterns);
  assert.ok(passed, `${message}\n${details ?? ''}`);
  assert.deepEqual(await warningsOf(scanner, folder, patterns), []);
}

const work = mkdtempSync(join(tmpdir(), 'sluice-package-'));
try {
  const [{ filename, files }] = JSON.parse(npm(['pack', '--json', '--pack-destination', work], ROOT));
  const tarball = join(work, filename);
  execFileSync('tar', ['-xzf', tarball, '-C', work]);
  const unpacked = join(work, 'package');
  const scanner = await loadScanner();

  await check('the scanner passes the packed files, without a warning', () =>
    scan(scanner, unpacked, PACKED),
  );
  await check('the scanner passes the sources, without a warning', () => scan(scanner, ROOT, SOURCES));

  await check('the tarball holds the nodes and nothing else', () => {
    const foreign = files
      .map(({ path }) => path)
      .filter(
        (path) => !/^(package\.json|README\.md|LICENSE|dist\/(index|nodes\/|credentials\/).*)$/.test(path),
      );
    assert.deepEqual(foreign, []);
  });

  await check('every file that n8n is told to load is there', () => {
    const { n8n } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
    for (const path of [...n8n.nodes, ...n8n.credentials]) assert.ok(existsSync(join(unpacked, path)), path);
  });

  await check('it installs as one package, with n8n’s own options', () => {
    const target = join(work, 'install');
    mkdirSync(target);
    writeFileSync(join(target, 'package.json'), '{ "private": true }\n');
    npm(
      [
        'install',
        '--ignore-scripts',
        '--omit=peer',
        '--legacy-peer-deps',
        '--no-audit',
        '--no-fund',
        tarball,
      ],
      target,
    );
    const installed = readdirSync(join(target, 'node_modules')).filter((name) => !name.startsWith('.'));
    assert.deepEqual(installed, ['n8n-nodes-sluice']);
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.stdout.write(`${results.passed} passed, ${results.failed} failed\n`);
process.exitCode = results.failed === 0 ? 0 : 1;
