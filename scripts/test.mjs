// `npm test`: lint and format, types, then every test on SQLite, and those that touch data again on PostgreSQL and MariaDB.
// Ends with one line `N passed, N failed, N skipped`, the sum of all passes.
// `npm test -- tests/pypi` runs only the tests whose path contains the given text, on SQLite, without lint and types;
// `npm test -- --database mariadb tests/pypi` on another database, `--database all` on each.
// Plain Node, so that a half-installed checkout still gets a clear answer. With CI=true a skipped test is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readJunit } from './junit.mjs';

/** A test that drives a real client may take this long, in milliseconds. */
const TEST_TIMEOUT = 240_000;
/** How tests/servers/with-servers.ts ends where the database server is not installed. */
const NOT_INSTALLED = 77;
const DATABASES = ['sqlite', 'postgres', 'mariadb'];
/** Folders whose tests do not depend on the database; all others run on each of them. */
const WITHOUT_DATA = [
  ...['src/cli', 'src/client', 'src/config', 'src/model', 'src/storage', 'src/telemetry'],
  ...['tests/clients', 'tests/house', 'tests/servers', 'tests/storage', 'tests/support'],
];

const root = fileURLToPath(new URL('..', import.meta.url));
const ci = process.env.CI === 'true' || process.env.CI === '1';
const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { database: { type: 'string' } },
});
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const skips = [];

if (filters.length === 0 && values.database === undefined) {
  check('lint and format', 'biome', ['check', '--no-errors-on-unmatched', '--error-on-warnings', '.']);
  check('types', 'tsc', ['--noEmit']);
}
for (const database of chosenDatabases()) runTests(database);
report();

function chosenDatabases() {
  const chosen = values.database ?? (filters.length === 0 ? 'all' : 'sqlite');
  if (chosen === 'all') return DATABASES;
  if (DATABASES.includes(chosen)) return [chosen];
  console.error(`--database takes ${DATABASES.join(', ')} or all`);
  process.exit(2);
}

function check(title, tool, args) {
  console.log(`\n=== ${title}: ${tool} ${args.join(' ')}`);
  const { status, error } = run(tool, args);
  if (status === 0) counts.passed += 1;
  else fail(`${title}${error ? `: ${error.message}` : ''}`);
}

function runTests(database) {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-test-'));
  const junit = join(folder, 'junit.xml');
  try {
    const targets = filters.length > 0 ? filters : foldersFor(database);
    const args = ['test', `--timeout=${TEST_TIMEOUT}`, '--reporter=junit', `--reporter-outfile=${junit}`, ...targets];
    console.log(`\n=== tests on ${database}: bun test ${targets.join(' ')}`);
    const { status, error } =
      database === 'sqlite'
        ? run('bun', args)
        : run('bun', [join('tests', 'servers', 'with-servers.ts'), database, '--', tool('bun'), ...args]);
    if (status === NOT_INSTALLED) {
      counts.skipped += 1;
      skips.push(`everything on ${database} [needs ${database}: run tests/servers/install.sh]`);
      return;
    }
    if (!existsSync(junit)) {
      fail(
        `on ${database}: bun test wrote no report${error ? `: ${error.message}` : ` and ended with status ${status}`}`,
      );
      return;
    }
    const results = readJunit(readFileSync(junit, 'utf8'));
    counts.passed += results.passed;
    counts.skipped += results.skipped.length;
    skips.push(...results.skipped.map((name) => `on ${database}: ${name}`));
    for (const name of results.failed) fail(`on ${database}: ${name}`);
    if (results.passed + results.failed.length + results.skipped.length === 0) fail(`on ${database}: no test ran`);
    // An error outside of any test (a file that does not load, a hook that throws) is in the status alone.
    else if (status !== 0 && results.failed.length === 0)
      fail(`on ${database}: bun test ended with status ${status} outside of a test`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A new folder runs on every database until it is said above that it need not. */
function foldersFor(database) {
  if (database === 'sqlite') return ['./src', './tests'];
  return ['src', 'tests']
    .flatMap((top) => readdirSync(resolve(root, top), { withFileTypes: true }).map((entry) => ({ top, entry })))
    .filter(({ entry }) => entry.isDirectory())
    .map(({ top, entry }) => `${top}/${entry.name}`)
    .filter((path) => !WITHOUT_DATA.includes(path))
    .map((path) => `./${path}`);
}

function tool(name) {
  return join(root, 'node_modules', '.bin', name);
}

function run(name, args) {
  if (!existsSync(tool(name))) return { status: 1, error: new Error(`${name} is not installed: run \`npm ci\` first`) };
  return spawnSync(tool(name), args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}

function fail(name) {
  counts.failed += 1;
  failures.push(name);
}

function report() {
  if (failures.length > 0) console.log(`\nfailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
  if (skips.length > 0) console.log(`\nskipped:\n${skips.map((name) => `  ${name}`).join('\n')}`);
  if (ci && skips.length > 0) console.log('\nCI: a skipped test is a failure, install what it names');
  process.exitCode = counts.failed > 0 || (ci && counts.skipped > 0) ? 1 : 0;
  console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
}
