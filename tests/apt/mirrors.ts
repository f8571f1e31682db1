import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOk } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';

/** The repository that is mirrored. */
export interface MirrorOptions {
  /** The folder above `dists/`. */
  readonly url: string;
  /** The path of the public key, armoured or binary. */
  readonly key: string;
  /** A codename or suite: the folder below `dists/`. */
  readonly dist: string;
  readonly components: readonly string[];
  /** Default: amd64. */
  readonly architectures?: readonly string[];
  /** Whether source packages are mirrored too. Default: yes. */
  readonly sources?: boolean;
  /** For a private repository. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** A package that the mirror has, with its file; `source` is the architecture of source packages. */
export interface MirroredPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/**
 * `aptly mirror create` and `aptly mirror update`: every version of every package, and every architecture of the Release file
 * that is asked for.
 * @returns sorted by name, version and architecture
 * @throws Error with everything that was printed, where aptly fails
 */
export async function mirrorWithAptly(options: MirrorOptions): Promise<readonly MirroredPackage[]> {
  using folder = new TempFolder('aptly');
  const env = await trusting(folder, options.key);
  const configuration = folder.join('aptly.conf');
  writeFileSync(configuration, JSON.stringify({ rootDir: folder.join('aptly'), gpgProvider: 'gpg2' }));
  const aptly = (args: readonly string[]) => runOk(['aptly', `-config=${configuration}`, 'mirror', ...args], { env });
  const what = options.sources === false ? [] : ['-with-sources'];
  // Only what is asked for explicitly is left out of `Architectures:`; by default aptly takes them all.
  if (options.architectures) what.push(`-architectures=${options.architectures.join(',')}`);
  await aptly(['create', ...what, 'mirror', withUser(options), options.dist, ...options.components]);
  await aptly(['update', '-max-tries=1', 'mirror']);
  // name_version_architecture: none of them contains an underscore.
  return parse((await aptly(['search', 'mirror'])).stdout.replaceAll('_', ' '));
}

/**
 * `reprepro update`: the newest version of every package.
 * @returns sorted by name, version and architecture
 * @throws Error with everything that was printed, where reprepro fails
 */
export async function mirrorWithReprepro(options: MirrorOptions): Promise<readonly MirroredPackage[]> {
  using folder = new TempFolder('reprepro');
  const env = await trusting(folder, options.key);
  const architectures = [...(options.architectures ?? ['amd64']), ...(options.sources === false ? [] : ['source'])];
  const distribution = {
    Codename: 'mirror',
    Architectures: architectures.join(' '),
    Components: options.components.join(' '),
    Update: 'upstream',
  };
  const upstream = {
    Name: 'upstream',
    Method: withUser(options),
    Suite: options.dist,
    VerifyRelease: await fingerprint(env),
  };
  mkdirSync(folder.join('conf'));
  writeFileSync(folder.join('conf/distributions'), stanza(distribution));
  writeFileSync(folder.join('conf/updates'), stanza(upstream));
  const reprepro = (args: readonly string[]) => runOk(['reprepro', '--basedir', folder.path, ...args], { env });
  await reprepro(['update']);
  const fields = ['package', 'version', 'architecture', '$type'].map((field) => `\${${field}}`).join(' ');
  // The field of a source package tells what it can be built for.
  const list = (await reprepro(['--list-format', `${fields}\\n`, 'list', 'mirror'])).stdout;
  return parse(list.replace(/ [^ ]+ dsc$/gm, ' source'));
}

/**
 * `debmirror`: every version of every package, under the file names that the repository gives them. Sizes and checksums are
 * compared; the list is made of the files themselves.
 * @returns sorted by name, version and architecture
 * @throws Error with everything that was printed, where debmirror fails
 */
export async function mirrorWithDebmirror(options: MirrorOptions): Promise<readonly MirroredPackage[]> {
  using folder = new TempFolder('debmirror');
  const env = await trusting(folder, options.key);
  // A Perl file, which has to end with a true value; without one, the machine's own is read.
  const configuration = folder.join('debmirror.conf');
  writeFileSync(configuration, '1;\n');
  const { host, pathname, protocol } = new URL(options.url);
  const from = [`--method=${protocol.replace(':', '')}`, `--host=${host}`, `--root=${pathname.replace(/\/$/, '')}`];
  const user = options.credentials;
  const login = user ? [`--user=${user.user}`, `--passwd=${user.password}`] : [];
  const what = [
    `--dist=${options.dist}`,
    `--section=${options.components.join(',')}`,
    `--arch=${(options.architectures ?? ['amd64']).join(',')}`,
    options.sources === false ? '--nosource' : '--source',
  ];
  const how = [`--keyring=${keyring(folder)}`, `--config-file=${configuration}`, '--rsync-extra=none', '--checksums'];
  const target = folder.join('mirror');
  await runOk(['debmirror', ...from, ...login, ...what, ...how, target], { env });
  const files = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((file) => !file.startsWith('.temp'));
  const packages = files.filter((file) => /\.(?:u?deb|dsc)$/.test(file));
  return sorted(await Promise.all(packages.map((file) => describe(join(target, file)))));
}

async function describe(file: string): Promise<MirroredPackage> {
  if (file.endsWith('.dsc')) {
    const text = await Bun.file(file).text();
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
    return { name: field('Source'), version: field('Version'), architecture: 'source' };
  }
  const fields = ['Package', 'Version', 'Architecture'].map((field) => `\${${field}}`).join(' ');
  const line = await runOk(['dpkg-deb', '--show', `--showformat=${fields}`, file]);
  return parseLine(line.stdout);
}

/** gpg's and gpgv's home with the key in the keyrings that the three programs look at. */
async function trusting(folder: TempFolder, key: string): Promise<{ readonly GNUPGHOME: string }> {
  const home = folder.join('gnupg');
  mkdirSync(home, { mode: 0o700 });
  const env = { GNUPGHOME: home };
  // aptly's and debmirror's gpgv wants a keyring file of its own, reprepro takes the usual one.
  const gpg = ['gpg', '--batch', '--quiet', '--no-autostart'];
  await runOk([...gpg, '--no-default-keyring', '--keyring', keyring(folder), '--import', key], { env });
  await runOk([...gpg, '--import', key], { env });
  return env;
}

function keyring(folder: TempFolder): string {
  return folder.join('gnupg', 'trustedkeys.gpg');
}

async function fingerprint(env: { readonly GNUPGHOME: string }): Promise<string> {
  const listed = await runOk(['gpg', '--batch', '--no-autostart', '--with-colons', '--list-keys'], { env });
  return [...listed.stdout.matchAll(/^pub:(?:[^:]*:){3}([0-9A-F]+)/gm)].map((match) => match[1]).join('|');
}

function withUser({ url, credentials }: MirrorOptions): string {
  if (!credentials) return url;
  return url.replace('://', `://${credentials.user}:${credentials.password}@`);
}

function stanza(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

function parse(lines: string): readonly MirroredPackage[] {
  return sorted(lines.split('\n').filter(Boolean).map(parseLine));
}

function parseLine(line: string): MirroredPackage {
  const [name = '', version = '', architecture = ''] = line.split(' ');
  return { name, version, architecture };
}

function sorted(packages: readonly MirroredPackage[]): readonly MirroredPackage[] {
  const key = (entry: MirroredPackage) => `${entry.name} ${entry.version} ${entry.architecture}`;
  return packages.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
}
