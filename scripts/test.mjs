// `npm test`: lint and format, types, then every test on SQLite, and those that touch data again on PostgreSQL with S3 storage
// and on MariaDB.
// Ends with one line `N passed, N failed, N skipped`, the sum of all passes.
// `npm test -- tests/pypi` runs only the tests whose path contains the given text, on SQLite, without lint and types;
// `npm test -- --database mariadb tests/pypi` on another database, `--database all` on each.
// Plain Node, so that a half-installed checkout still gets a clear answer. With CI=true a skipped test is a failure.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readJunit } from './junit.mjs';

/** A test that drives a real client may take this long, in milliseconds. */
const TEST_TIMEOUT = 240_000;
/** Test files at the same time: one more than the cores, since most of them wait for other programs. */
const PARALLEL = availableParallelism() + 1;
/** How tests/servers/with-servers.ts ends where a server is not installed. */
const NOT_INSTALLED = 77;
/** What does not depend on the database and runs once; all else, also what is to come, runs on each of them. */
const WITHOUT_DATA = [
  ...['src/cli/**', 'src/client/**', 'src/config/**', 'src/model/**', 'src/storage/**', 'src/telemetry/**'],
  ...['src/formats/apt/**', 'src/registry/signing/**', 'tests/client/**', 'tests/house/**', 'tests/storage/**'],
  // What the commands of two programs print, on registries that other tests try on every database.
  'tests/dxf/**',
  // tests/replicas/apt.test.ts has apt read and others publish on the database servers.
  ...['consistency', 'debootstrap', 'mirrors', 'oracle', 'refusals'].map((name) => `tests/apt/${name}.test.ts`),
];
/** The passes: the servers that they need, and the tests that they leave out. */
const PASSES = {
  // Replicas need a database that several machines can use.
  sqlite: { servers: [], without: ['tests/replicas/**'] },
  postgres: { servers: ['postgres', 's3'], without: WITHOUT_DATA },
  // A file of 5 GiB goes into a folder and into a bucket; a third time would show nothing.
  mariadb: { servers: ['mariadb'], without: [...WITHOUT_DATA, 'tests/generic/large.test.ts'] },
};

const root = fileURLToPath(new URL('..', import.meta.url));
const ci = process.env.CI === 'true' || process.env.CI === '1';
const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { database: { type: 'string' } },
});
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const skips = [];
let interrupted = false;
let child;

for (const signal of ['SIGINT', 'SIGTERM']) {
  // Whoever interrupts the tests gets the servers ended as well.
  process.once(signal, () => {
    interrupted = true;
    child?.kill('SIGTERM');
  });
}

const passes = chosenPasses();
if (filters.length === 0 && values.database === undefined) {
  await check('lint and format', 'biome', ['check', '--no-errors-on-unmatched', '--error-on-warnings', '.']);
  await check('types', 'tsc', ['--noEmit']);
}
for (const name of passes) await runPass(name);
report();

function chosenPasses() {
  const chosen = values.database ?? (filters.length === 0 ? 'all' : 'sqlite');
  if (chosen === 'all') return Object.keys(PASSES);
  if (Object.hasOwn(PASSES, chosen)) return [chosen];
  console.error(`--database takes ${Object.keys(PASSES).join(', ')} or all`);
  process.exit(2);
}

async function check(title, tool, args) {
  console.log(`\n=== ${title}: ${tool} ${args.join(' ')}`);
  const { status, problem } = await run(tool, args);
  if (status === 0) counts.passed += 1;
  else fail(problem ? `${title}: ${problem}` : title);
}

async function runPass(name) {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-test-'));
  const junit = join(folder, 'junit.xml');
  const { servers, without } = PASSES[name];
  const targets =
    filters.length > 0 ? filters : [...without.map((path) => `--path-ignore-patterns=${path}`), './src', './tests'];
  const args = [
    ...['test', `--timeout=${TEST_TIMEOUT}`, `--parallel=${PARALLEL}`],
    ...['--reporter=junit', `--reporter-outfile=${junit}`, ...targets],
  ];
  const withServers = [join('tests', 'servers', 'with-servers.ts'), ...servers, '--', tool('bun')];
  try {
    console.log(`\n=== tests on ${name}: bun test ${targets.join(' ')}`);
    const { status, problem } = await run('bun', servers.length === 0 ? args : [...withServers, ...args]);
    if (status === NOT_INSTALLED) {
      counts.skipped += 1;
      skips.push(
        `everything on ${name} [needs ${servers.join(' and ')}: run tests/servers/install.sh and tests/clients/install.sh]`,
      );
    } else if (!existsSync(junit)) {
      fail(`on ${name}: ${problem ?? `bun test wrote no report and ended with status ${status}`}`);
    } else {
      add(name, readJunit(readFileSync(junit, 'utf8')), status);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function add(pass, results, status) {
  counts.passed += results.passed;
  counts.skipped += results.skipped.length;
  skips.push(...results.skipped.map((name) => `on ${pass}: ${name}`));
  for (const name of results.failed) fail(`on ${pass}: ${name}`);
  if (results.passed + results.failed.length + results.skipped.length === 0) fail(`on ${pass}: no test ran`);
  // An error outside of any test (a file that does not load, a hook that throws) is in the status alone.
  else if (status !== 0 && results.failed.length === 0)
    fail(`on ${pass}: bun test ended with status ${status} outside of a test`);
}

function tool(name) {
  return join(root, 'node_modules', '.bin', name);
}

async function run(name, args) {
  if (!existsSync(tool(name))) return { status: 1, problem: `${name} is not installed: run \`npm ci\` first` };
  if (interrupted) return { status: 1, problem: 'interrupted' };
  child = spawn(tool(name), args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ status: 1, problem: error.message }));
    child.on('close', (status, signal) => resolve({ status: status ?? signal }));
  });
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
