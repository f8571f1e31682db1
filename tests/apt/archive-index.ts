import { existsSync } from 'node:fs';
import { runOk } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';

/** What the archive's index says of a package. */
export interface ArchivePackage {
  readonly name: string;
  readonly version: string;
  /** Of its file. */
  readonly bytes: number;
  readonly priority: string;
  readonly section: string;
}

/** Debian's archive as this machine's apt knows it, without updates and security fixes. */
export interface Archive {
  readonly url: string;
  readonly codename: string;
  readonly packages: readonly ArchivePackage[];
}

/**
 * Reads the lists that the machine's `apt-get update` left.
 * @throws Error where there are none, or none of Debian
 */
export async function readArchive(): Promise<Archive> {
  // Of a release, its updates and its security fixes only the first is named by a single word.
  const format = ['CODENAME', 'REPO_URI', 'FILENAME'].map((field) => `$(${field})`).join(' ');
  const filter = ['Created-By: Packages', 'Origin: Debian', 'Label: Debian', 'Component: main'];
  const targets = (await runOk(['apt-get', 'indextargets', '--format', format, ...filter])).stdout;
  const [, codename, url, file] = /^([a-z]+) ([^ ]+) (.+)$/m.exec(targets) ?? [];
  if (codename === undefined || url === undefined || file === undefined || !existsSync(file))
    throw new Error('apt has no lists of it, which apt-get update fetches');
  const index = (await runOk(['/usr/lib/apt/apt-helper', 'cat-file', file])).stdout;
  return { url, codename, packages: index.split('\n\n').filter(Boolean).map(parse) };
}

/**
 * What debootstrap would put into its smallest system.
 * @throws Error where the archive cannot be reached
 */
export async function minbaseNames({ url, codename }: Archive): Promise<ReadonlySet<string>> {
  using folder = new TempFolder('debootstrap');
  const command = ['debootstrap', '--print-debs', '--variant=minbase', codename, folder.join('root'), url];
  return new Set((await runOk(command)).stdout.split(/\s+/).filter(Boolean));
}

function parse(stanza: string): ArchivePackage {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
  return {
    name: field('Package'),
    version: field('Version'),
    bytes: Number(field('Size')),
    priority: field('Priority'),
    section: field('Section'),
  };
}
