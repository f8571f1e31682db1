// `npm test`: lint and format, types, then every test. Ends with one line `N passed, N failed, N skipped`.
// `npm test -- tests/pypi` runs only the tests whose path contains the given text, without lint and types.
// Plain Node, so that a half-installed checkout still gets a clear answer. With CI=true a skipped test is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJunit } from './junit.mjs';

/** A test that drives a real client may take this long, in milliseconds. */
const TEST_TIMEOUT = 240_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const ci = process.env.CI === 'true' || process.env.CI === '1';
const filters = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const skips = [];

if (filters.length === 0) {
  check('lint and format', 'biome', ['check', '--no-errors-on-unmatched', '--error-on-warnings', '.']);
  check('types', 'tsc', ['--noEmit']);
}
runTests();
report();

function check(title, tool, args) {
  console.log(`\n=== ${title}: ${tool} ${args.join(' ')}`);
  const { status, error } = run(tool, args);
  if (status === 0) counts.passed += 1;
  else fail(`${title}${error ? `: ${error.message}` : ''}`);
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-test-'));
  const junit = join(folder, 'junit.xml');
  try {
    const targets =
      filters.length > 0 ? filters : ['./src', './tests'].filter((path) => existsSync(resolve(root, path)));
    const args = ['test', `--timeout=${TEST_TIMEOUT}`, '--reporter=junit', `--reporter-outfile=${junit}`, ...targets];
    console.log(`\n=== tests: bun test ${targets.join(' ')}`);
    const { status, error } = run('bun', args);
    if (!existsSync(junit)) {
      fail(`bun test wrote no report${error ? `: ${error.message}` : ` and ended with status ${status}`}`);
      return;
    }
    const results = readJunit(readFileSync(junit, 'utf8'));
    counts.passed += results.passed;
    counts.skipped += results.skipped.length;
    skips.push(...results.skipped);
    for (const name of results.failed) fail(name);
    if (results.passed + results.failed.length + results.skipped.length === 0) fail('no test ran');
    // An error outside of any test (a file that does not load, a hook that throws) is in the status alone.
    else if (status !== 0 && results.failed.length === 0)
      fail(`bun test ended with status ${status} outside of a test`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(tool, args) {
  const path = join(root, 'node_modules', '.bin', tool);
  if (!existsSync(path)) return { status: 1, error: new Error(`${tool} is not installed: run \`npm ci\` first`) };
  return spawnSync(path, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
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
