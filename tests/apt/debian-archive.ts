import { test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { skipVisibly } from '../support/clients.ts';
import { runOk } from '../support/run.ts';
import { type ArchivePackage, minbaseNames, readArchive } from './archive-index.ts';

const WANTED = 300;
const MOST_BYTES = 60_000_000;
const PRIORITIES = ['required', 'important', 'standard'];
const SECTIONS = ['utils', 'perl', 'doc'];
const FOLDER = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'packyard', 'debian-packages');
/** Written last, so that half a download is none. */
const MANIFEST = 'manifest.json';

interface Manifest {
  readonly codename: string;
  /** File names. */
  readonly packages: readonly string[];
  readonly minbase: readonly string[];
}

let manifest: Promise<Manifest> | undefined;

/**
 * Three hundred real packages of the Debian release that this machine runs, 58 MB: all of priority required, important and
 * standard, what minbase needs, and the smallest of some sections. Fetched once with `apt-get download`, then kept in
 * `$XDG_CACHE_HOME/packyard/debian-packages`.
 * @returns paths of .deb files, sorted
 * @throws Error where apt has no lists of the archive or cannot reach it
 */
export async function debianPackages(): Promise<readonly string[]> {
  return (await find()).packages.map((file) => join(FOLDER, file));
}

/**
 * Those of them that `debootstrap --variant=minbase` asks for.
 * @returns paths of .deb files, sorted
 * @throws Error like `debianPackages`
 */
export async function minbasePackages(): Promise<readonly string[]> {
  return (await find()).minbase.map((file) => join(FOLDER, file));
}

/** The release that the packages are from, `bookworm`: debootstrap has a script for it. */
export async function debianCodename(): Promise<string> {
  return (await find()).codename;
}

/**
 * A test with Debian's packages, which are fetched before it where they are not there yet: wait for this at the top of the file.
 * Without them, it is a skip that says why; in CI it fails.
 * @param timeout of the test, in milliseconds
 */
export async function debianTest(sentence: string, body: () => Promise<void>, timeout?: number): Promise<void> {
  const reason = await find().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (reason === undefined) test(sentence, body, timeout);
  else skipVisibly(sentence, `needs packages of Debian's archive: ${reason.trim().split('\n').at(-1)}`);
}

function find(): Promise<Manifest> {
  manifest ??= existsSync(join(FOLDER, MANIFEST)) ? read() : download();
  return manifest;
}

async function read(): Promise<Manifest> {
  return JSON.parse(readFileSync(join(FOLDER, MANIFEST), 'utf8')) as Manifest;
}

async function download(): Promise<Manifest> {
  const archive = await readArchive();
  const minbase = await minbaseNames(archive);
  const chosen = choose(archive.packages, minbase);
  // It takes its name when all is there: tests in other processes may be doing the same.
  const folder = `${FOLDER}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    const exactly = chosen.map(({ name, version }) => `${name}=${version}`);
    // Files are written by this user, where apt would like to be another.
    await runOk(['apt-get', '-qq', '-o', 'APT::Sandbox::User=root', 'download', ...exactly], { cwd: folder });
    const packages = readdirSync(folder).sort();
    if (packages.length !== chosen.length) throw new Error(`${packages.length} of ${chosen.length} files came`);
    const isMinbase = (file: string) => minbase.has(file.slice(0, file.indexOf('_')));
    const made = { codename: archive.codename, packages, minbase: packages.filter(isMinbase) };
    writeFileSync(join(folder, MANIFEST), JSON.stringify(made, undefined, 1));
    if (!existsSync(join(FOLDER, MANIFEST))) {
      rmSync(FOLDER, { recursive: true, force: true });
      renameSync(folder, FOLDER);
    }
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same from the same index, whatever its order. */
function choose(packages: readonly ArchivePackage[], names: ReadonlySet<string>): readonly ArchivePackage[] {
  const isNeeded = (entry: ArchivePackage) => PRIORITIES.includes(entry.priority) || names.has(entry.name);
  const chosen = packages.filter(isNeeded);
  const others = packages.filter((entry) => !isNeeded(entry) && SECTIONS.includes(entry.section));
  others.sort((left, right) => left.bytes - right.bytes || (left.name < right.name ? -1 : 1));
  chosen.push(...others.slice(0, WANTED - chosen.length));
  const bytes = chosen.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes > MOST_BYTES) throw new Error(`the packages have become too large: ${bytes} bytes`);
  return chosen;
}
