import { expect } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type RunResult, run, runOk } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';

/** What apt thinks of a package's versions. */
export interface Policy {
  readonly installed: string | undefined;
  readonly candidate: string | undefined;
  /** All that `apt-cache policy` printed, with the priority of each source. */
  readonly text: string;
}

/** Lines with which apt tells of trouble, which it often does with exit code 0. */
const TROUBLE = /^(?:W|E|Err:\d+|Ign:\d+)[: ].*$/gm;

/**
 * The real apt and dpkg of this machine in a world of their own: configuration, lists, cache, dpkg's database and the root that
 * packages are unpacked into are in one temporary folder, and nothing of the machine's own is read or changed. Packages must
 * have no maintainer scripts: there is nothing in the root that could run them.
 */
export class AptRoot implements Disposable {
  readonly #folder = new TempFolder('apt');
  /** Where the files of installed packages are. */
  readonly root: string = this.#folder.join('root');
  /** Where `source` and `apt-get download` put what they fetch. */
  readonly downloads: string = this.#folder.join('downloads');
  /** Where apt keeps the indexes that it has fetched. */
  readonly lists: string = this.#folder.join('var/lib/apt/lists');

  constructor() {
    const folders = ['sources.list.d', 'trusted.gpg.d', 'keyrings', 'auth.conf.d', 'preferences.d', 'apt.conf.d'];
    for (const folder of [...folders.map((name) => `etc/apt/${name}`), 'var/log/apt', 'downloads'])
      mkdirSync(this.#folder.join(folder), { recursive: true });
    for (const folder of ['var/lib/apt/lists', 'var/cache/apt/archives'])
      mkdirSync(this.#folder.join(folder, 'partial'), { recursive: true });
    for (const folder of ['info', 'updates', 'triggers'])
      mkdirSync(`${this.root}/var/lib/dpkg/${folder}`, { recursive: true });
    writeFileSync(this.#status, '');
    writeFileSync(this.#configuration, this.#settings());
  }

  /** @param name with its ending: `demo.sources` holds deb822 paragraphs, `demo.list` one-line entries */
  writeSources(name: string, text: string): void {
    writeFileSync(this.#folder.join('etc/apt/sources.list.d', name), text);
  }

  /**
   * A keyring that sources may name in `Signed-By`; apt trusts it for nothing else.
   * @param name with its ending: apt takes `.asc` for an armoured key, `.gpg` for a binary one
   * @returns its path
   */
  writeKey(name: string, key: string | Uint8Array): string {
    const path = this.#folder.join('etc/apt/keyrings', name);
    writeFileSync(path, key);
    return path;
  }

  /** A keyring that apt trusts for every source without `Signed-By`. */
  trustKey(name: string, key: string | Uint8Array): void {
    writeFileSync(this.#folder.join('etc/apt/trusted.gpg.d', name), key);
  }

  /** @param text lines as in netrc; apt sends credentials over plain HTTP only where `machine` begins with `http://` */
  writeAuth(text: string): void {
    writeFileSync(this.#folder.join('etc/apt/auth.conf.d/test.conf'), text, { mode: 0o600 });
  }

  /** @param text pins, as apt_preferences(5) describes them */
  writePreferences(text: string): void {
    writeFileSync(this.#folder.join('etc/apt/preferences.d/test'), text);
  }

  /** `apt-get update`; does not throw. Some troubles come with exit code 0: see `updateCleanly`. */
  update(options: readonly string[] = []): Promise<RunResult> {
    return this.get(['update', ...options]);
  }

  /** `apt-get update` that must succeed without an error, a warning or an ignored file. */
  async updateCleanly(options: readonly string[] = []): Promise<RunResult> {
    const result = await this.update(options);
    expect(troubles(result)).toEqual([]);
    expect(result).toMatchObject({ code: 0 });
    return result;
  }

  /** `apt-get` with any arguments, in the folder `downloads`; does not throw. */
  get(args: readonly string[]): Promise<RunResult> {
    return run(['apt-get', ...args], this.#options);
  }

  /** `apt-cache` with any arguments; does not throw. */
  cache(args: readonly string[]): Promise<RunResult> {
    return run(['apt-cache', ...args], this.#options);
  }

  /** Downloads packages with what they depend on and lets dpkg unpack them into `root`; does not throw. */
  install(packages: readonly string[], options: readonly string[] = []): Promise<RunResult> {
    return this.get(['install', ...options, ...packages]);
  }

  /** @throws Error where apt cannot read its lists */
  async policy(name: string): Promise<Policy> {
    const text = (await runOk(['apt-cache', 'policy', name], this.#options)).stdout;
    const versionAfter = (word: string): string | undefined => {
      const version = new RegExp(`^ {2}${word}: (.*)$`, 'm').exec(text)?.[1];
      return version === '(none)' ? undefined : version;
    };
    return { installed: versionAfter('Installed'), candidate: versionAfter('Candidate'), text };
  }

  /** Downloads the files of a source package and unpacks them, into `downloads`; does not throw. Needs dpkg-source. */
  source(name: string, options: readonly string[] = []): Promise<RunResult> {
    return this.get(['source', ...options, name]);
  }

  /** The version that dpkg has unpacked and configured; undefined if it has not. */
  async installedVersion(name: string): Promise<string | undefined> {
    const format = ['db:Status-Status', 'Version'].map((field) => `\${${field}}`).join(' ');
    const database = `--admindir=${this.root}/var/lib/dpkg`;
    const query = ['dpkg-query', database, '--show', `--showformat=${format}`, name];
    const [status, version] = (await run(query)).stdout.split(' ');
    return status === 'installed' ? version : undefined;
  }

  dispose(): void {
    this.#folder.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get #status(): string {
    return `${this.root}/var/lib/dpkg/status`;
  }

  get #configuration(): string {
    return this.#folder.join('apt.conf');
  }

  get #options() {
    // apt reads this file before all others, so that it looks for the others in our folder only.
    return { cwd: this.downloads, env: { APT_CONFIG: this.#configuration, DEBIAN_FRONTEND: 'noninteractive' } };
  }

  #settings(): string {
    // Files belong to whoever they belong to in the package, which only root can give.
    const rights = process.getuid?.() === 0 ? [] : ['--force-not-root'];
    const dpkg = [
      `--root=${this.root}`,
      `--log=${this.#folder.join('var/log/dpkg.log')}`,
      '--force-unsafe-io',
      ...rights,
    ];
    const settings = {
      Dir: this.#folder.path,
      'Dir::State::status': this.#status,
      'Dir::Bin::dpkg': '/usr/bin/dpkg',
      'APT::Architecture': 'amd64',
      'APT::Sandbox::User': 'root',
      'APT::Get::Assume-Yes': 'true',
      'APT::Update::Error-Mode': 'any',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '0',
      'Acquire::http::Proxy': 'DIRECT',
      'Acquire::https::Proxy': 'DIRECT',
      'DPkg::Use-Pty': 'false',
      quiet: '1',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
    return `${lines.join('\n')}\nDPkg::Options { ${dpkg.map((option) => `"${option}";`).join(' ')} };\n`;
  }
}

/** The lines in which apt tells of errors, warnings and files that it did without. */
export function troubles(result: RunResult): readonly string[] {
  return result.output.match(TROUBLE) ?? [];
}
