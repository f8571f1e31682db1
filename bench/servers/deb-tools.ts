import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runOk } from '../../tests/support/run.ts';

/** A tool that makes a signed repository in a folder. Times are in milliseconds. */
export interface DebTool {
  readonly name: string;
  /** All packages of a folder, to a signed InRelease. */
  load(debs: readonly string[]): Promise<number>;
  /** One more, until it is in a signed InRelease. */
  publishOne(deb: string): Promise<number>;
}

/** Arguments of one command at the most. */
const AT_ONCE = 2_000;

/** Each tool in a folder of its own, with a key without a passphrase, made by gpg as RSA with 4,096 bits. */
export async function debTools(folder: string): Promise<readonly DebTool[]> {
  const home = join(folder, 'gnupg');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const env = { GNUPGHOME: home };
  const quiet = ['--batch', '--pinentry-mode', 'loopback', '--passphrase', ''];
  await runOk(['gpg', ...quiet, '--quick-generate-key', 'bench', 'rsa4096', 'sign', 'never'], { env });
  return [
    aptly(join(folder, 'aptly'), env),
    reprepro(join(folder, 'reprepro'), env),
    ftparchive(join(folder, 'ftp'), env),
  ];
}

type Environment = Readonly<Record<string, string>>;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** As it is used by default, with Contents. */
function aptly(folder: string, env: Environment): DebTool {
  mkdirSync(folder, { recursive: true });
  const configuration = join(folder, 'aptly.conf');
  writeFileSync(configuration, JSON.stringify({ rootDir: folder, architectures: ['amd64'], gpgProvider: 'gpg' }));
  const run = (...args: string[]) => runOk(['aptly', `-config=${configuration}`, ...args], { env });
  return {
    name: 'aptly',
    load: async (debs) => {
      await run('repo', 'create', 'bench');
      return timed(async () => {
        await run('repo', 'add', 'bench', dirname(debs[0] ?? ''));
        await run('publish', 'repo', '-batch', '-distribution=bookworm', 'bench');
      });
    },
    publishOne: (deb) =>
      timed(async () => {
        await run('repo', 'add', 'bench', deb);
        await run('publish', 'update', '-batch', 'bookworm');
      }),
  };
}

function reprepro(folder: string, env: Environment): DebTool {
  mkdirSync(join(folder, 'conf'), { recursive: true });
  const fields = ['Codename: bookworm', 'Architectures: amd64', 'Components: main', 'SignWith: yes'];
  writeFileSync(join(folder, 'conf/distributions'), `${fields.join('\n')}\n`);
  const run = (...args: string[]) => runOk(['reprepro', '--silent', '--basedir', folder, ...args], { env });
  return {
    name: 'reprepro',
    load: (debs) =>
      timed(async () => {
        for (const some of pieces(debs)) await run('includedeb', 'bookworm', ...some);
      }),
    publishOne: (deb) => timed(() => run('includedeb', 'bookworm', deb)),
  };
}

/** With its cache of what it has read. */
function ftparchive(folder: string, env: Environment): DebTool {
  mkdirSync(join(folder, 'pool'), { recursive: true });
  const script = [
    'apt-ftparchive --db cache.db packages pool > Packages',
    'gzip --keep --force Packages',
    'rm -f InRelease Release',
    'apt-ftparchive release . > ../release && mv ../release Release',
    'gpg --batch --yes --clearsign --output InRelease Release',
  ].join(' && ');
  const publish = () => runOk(['sh', '-c', script], { cwd: folder, env });
  const add = (deb: string) => copyFileSync(deb, join(folder, 'pool', basename(deb)));
  return {
    name: 'apt-ftparchive',
    load: (debs) =>
      timed(() => {
        for (const deb of debs) add(deb);
        return publish();
      }),
    publishOne: (deb) =>
      timed(() => {
        add(deb);
        return publish();
      }),
  };
}

function* pieces(debs: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < debs.length; at += AT_ONCE) yield debs.slice(at, at + AT_ONCE);
}
