import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent to standard input, which is closed else. */
  readonly input?: string | Uint8Array<ArrayBuffer> | Blob;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, for tests that do not care which. */
  readonly output: string;
}

/** An empty home that all tests share; what tools leave there (npm's logs) is of no use to anybody. */
const HOME = join(tmpdir(), 'packyard-test-home');

/**
 * A small environment of its own for child processes: nothing of the developer's settings (PIP_*, UV_*, netrc, proxies)
 * may decide how a test ends.
 */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  mkdirSync(HOME, { recursive: true });
  const node = Bun.which('node');
  return {
    HOME,
    PATH: [...(node ? [dirname(node)] : []), '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(':'),
    LC_ALL: 'C.UTF-8',
    NO_PROXY: '*',
    no_proxy: '*',
    PIP_CONFIG_FILE: '/dev/null',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    ...extra,
  };
}

/** A command for a program that gets this signal when the tests end, however they end. Only Linux can do that. */
export function endingWithUs(
  signal: 'KILL' | 'TERM',
  command: readonly string[],
  options: readonly string[] = [],
): string[] {
  const setpriv = Bun.which('setpriv');
  return setpriv ? [setpriv, ...options, `--pdeathsig=${signal}`, ...command] : [...command];
}

/** Runs a program to its end and returns what it said; never throws for its exit code. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = Bun.spawn([...command], {
    cwd: options.cwd ?? tmpdir(),
    env: cleanEnvironment(options.env),
    stdin: options.input === undefined ? 'ignore' : new Blob([options.input]),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr, output: stdout + stderr };
}

/** Like `run`, for steps that must work: an exit code other than 0 throws with everything that was printed. */
export async function runOk(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await run(command, options);
  if (result.code !== 0) throw new Error(`${command.join(' ')} ended with ${result.code}\n${result.output}`);
  return result;
}
