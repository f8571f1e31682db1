import { test } from 'bun:test';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, type RunResult, run, runOk } from './run.ts';

/** Where `tests/clients/install.sh` puts the PyPI clients. */
const FOLDER =
  process.env.TEST_CLIENTS_BIN ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'packyard', 'test-clients', 'bin');

const DEBIAN_PYTHON = '/usr/bin/python3';

const COMMANDS = {
  curl: () => system('curl'),
  sh: () => system('sh'),
  openssl: () => system('openssl'),
  sha256sum: () => system('sha256sum'),
  /** Debian's own pip, 23.0.1 on Debian 12. */
  'debian-pip': () =>
    existsSync(DEBIAN_PYTHON) && existsSync('/usr/lib/python3/dist-packages/pip')
      ? [DEBIAN_PYTHON, '-m', 'pip']
      : undefined,
  pip: () => installed('pip'),
  uv: () => installed('uv'),
  twine: () => installed('twine'),
  poetry: () => installed('poetry'),
  'apt-get': () => system('apt-get'),
  'apt-ftparchive': () => system('apt-ftparchive'),
  dpkg: () => system('dpkg'),
  'dpkg-deb': () => system('dpkg-deb'),
  'dpkg-source': () => system('dpkg-source'),
  aptly: () => system('aptly'),
  reprepro: () => system('reprepro'),
  debmirror: () => system('debmirror'),
  debootstrap: () => system('debootstrap'),
  /** That of dput-ng, which can upload by HTTP without a terminal. */
  dput: () => system('dput'),
  xz: () => system('xz'),
  bzip2: () => system('bzip2'),
  gpg: () => system('gpg'),
  gpgv: () => system('gpgv'),
  sqv: () => system('sqv'),
  skopeo: () => system('skopeo'),
  podman: () => system('podman'),
  buildah: () => system('buildah'),
  crane: () => installed('crane'),
  regctl: () => installed('regctl'),
  oras: () => installed('oras'),
  helm: () => installed('helm'),
  cosign: () => installed('cosign'),
  /** Docker's own registry. */
  'docker-registry': () => system('docker-registry'),
  htpasswd: () => system('htpasswd'),
  /** The original of the drop-in command. */
  'python-dxf': () => installed('dxf'),
  /** SeaweedFS, an S3 server. */
  weed: () => installed('weed'),
} satisfies Record<string, () => readonly string[] | undefined>;

export type ClientName = keyof typeof COMMANDS;

/** The interpreter that packages are installed for. */
export const PYTHON = DEBIAN_PYTHON;

/** One real client program. */
export class Client {
  readonly name: ClientName;
  readonly command: readonly string[];

  constructor(name: ClientName, command: readonly string[]) {
    this.name = name;
    this.command = command;
  }

  run(args: readonly string[], options?: RunOptions): Promise<RunResult> {
    return run([...this.command, ...args], options);
  }

  /** Insists on exit code 0. */
  ok(args: readonly string[], options?: RunOptions): Promise<RunResult> {
    return runOk([...this.command, ...args], options);
  }
}

/** The client if this machine has it. */
export function findClient(name: ClientName): Client | undefined {
  const command = COMMANDS[name]();
  return command ? new Client(name, command) : undefined;
}

/**
 * A test that needs a real client. Without it, the test is a skip that says what to install; in CI it fails.
 */
export function clientTest(sentence: string, name: ClientName, body: (client: Client) => Promise<void>): void {
  const client = findClient(name);
  if (client) {
    test(sentence, () => body(client));
    return;
  }
  skipVisibly(sentence, `needs ${name}: run tests/clients/install.sh`);
}

/** Registers a skip with its reason in the name; in CI a test that fails with the reason. */
export function skipVisibly(sentence: string, reason: string): void {
  if (process.env.CI === 'true' || process.env.CI === '1') {
    test(sentence, () => {
      throw new Error(reason);
    });
  } else {
    test.skip(`${sentence} [${reason}]`, () => {});
  }
}

function system(command: string): readonly string[] | undefined {
  const path = Bun.which(command);
  return path ? [path] : undefined;
}

function installed(command: string): readonly string[] | undefined {
  const path = join(FOLDER, command);
  return existsSync(path) ? [path] : undefined;
}
