// Runs src/main.ts with the Bun that npm installed beside this package. Plain JavaScript for any Node from 20 on.
import { spawn } from 'node:child_process';
import { accessSync, chmodSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants as system } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

/**
 * Replaces this process by Bun where Node can do that, and stands in for it elsewhere: same streams, signals, exit code.
 * @param {readonly string[]} prefix what goes before the arguments: the name of a drop-in command
 */
export function launch(prefix) {
  const bun = findBun();
  if (!bun) {
    process.stderr.write(
      'error: Bun, which runs Packyard, is not installed\n' +
        'cause: npm brings it as the package "bun"; optional packages or install scripts were left out\n' +
        `try: cd ${root} && npm ci --include=optional && npm rebuild bun\n`,
    );
    process.exit(1);
  }
  // The folder in which a command is called must not configure the program: no .env, bunfig.toml or tsconfig.json of
  // that folder, and no installing of what is missing.
  const options = [
    '--no-install',
    '--no-env-file',
    `--config=${join(here, 'bunfig.toml')}`,
    `--tsconfig-override=${join(root, 'tsconfig.json')}`,
  ];
  const args = [...options, join(root, 'src', 'main.ts'), ...prefix, ...process.argv.slice(2)];
  if (typeof process.execve === 'function') {
    try {
      process.execve(bun, [bun, ...args]);
    } catch {
      // Not on this platform: stand in for it.
    }
  }
  standIn(bun, args);
}

function standIn(bun, args) {
  const child = spawn(bun, args, { stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => {
    process.stderr.write(`error: Bun could not be started\ncause: ${error.message}\ntry: cd ${root} && npm ci\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward);
    if (signal === null) process.exit(code);
    process.kill(process.pid, signal);
    // Reached when the signal does not end a Node process; the code is the one that shells give.
    setTimeout(() => process.exit(128 + system.signals[signal]), 100);
  });
}

function findBun() {
  const require = createRequire(join(root, 'package.json'));
  const manifest = attempt(() => require.resolve('bun/package.json'));
  if (!manifest) return undefined;
  const windows = process.platform === 'win32';
  const fromBun = createRequire(manifest);
  const arch = process.arch === 'arm64' ? 'aarch64' : process.arch;
  const system = windows ? 'windows' : process.platform;
  // npm installs the one that fits the C library, so whichever is there is right.
  const platforms = ['', '-musl', '-android'].map((suffix) => `@oven/bun-${system}-${arch}${suffix}/package.json`);
  return [
    join(dirname(manifest), 'bin', 'bun.exe'),
    ...platforms.flatMap((name) => {
      const platform = attempt(() => fromBun.resolve(name));
      return platform ? [join(dirname(platform), 'bin', windows ? 'bun.exe' : 'bun')] : [];
    }),
  ].find(isProgram);
}

/** Whether a file is a binary for this machine: without its install script, the package `bun` holds a text file there. */
function isProgram(path) {
  const head = Buffer.alloc(4);
  const known = attempt(() => {
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, 4, 0);
    } finally {
      closeSync(file);
    }
    return (
      ['7f454c46', 'cffaedfe', 'cafebabe'].includes(head.toString('hex')) || head.toString('latin1', 0, 2) === 'MZ'
    );
  });
  if (!known) return false;
  const executable = () => attempt(() => accessSync(path, constants.X_OK) ?? true) ?? false;
  if (!executable()) attempt(() => chmodSync(path, 0o755));
  return executable();
}

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
