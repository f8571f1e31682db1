import { invalid } from '../../model/errors.ts';
import type { BackgroundPlan, Extracted } from '../../registry/indexes/index-plan.ts';
import { listContents } from './contents.ts';
import { contentsOf } from './documents.ts';
import { fromJson } from './file-metadata.ts';
import type { DistributionSettings } from './settings.ts';
import { SortedLines } from './sorted-lines.ts';

/** Columns that the names take before that of the packages, as in Debian's own. */
const WIDTH = 60;
/** What can stand before a package's name without being taken for something else. */
const SECTION = /^[A-Za-z0-9+./_-]+$/;
/** Characters of one name, and of all names of a package. */
const MAX_NAME = 4096;
const MAX_NAMES = 32 * 1024 * 1024;
/** Bytes that are handed on together. */
const PIECE = 64 * 1024;

/** `Contents-<architecture>`: which package has a file, for apt-file (Debian's repository format, "Contents indices"). */
export const contentsPlan: BackgroundPlan = {
  layout: (groups, settings) => {
    const chosen = settings as DistributionSettings;
    if (chosen.contents === false || groups.size === 0) return [];
    const { components, architectures } = contentsOf(groups, chosen);
    return components.flatMap((component) =>
      architectures.map((architecture) => ({
        path: `${component}/Contents-${architecture}`,
        groups: [`${component}/deb-${architecture}`, `${component}/deb-all`],
      })),
    );
  },
  extract: async (path, signal) => {
    const names: string[] = [];
    let size = 0;
    for await (const name of listContents(path, signal)) {
      if (name.length > MAX_NAME) continue;
      size += name.length + 1;
      if (size > MAX_NAMES) throw invalid('the package has too many names of files to be listed');
      names.push(name);
    }
    return Buffer.from(names.join('\n'));
  },
  build: buildContents,
};

/** One line for each file name in order, with the packages that have it, whatever their versions. */
async function* buildContents(parts: AsyncIterable<Extracted>, folder: string): AsyncIterable<Uint8Array> {
  const lines = new SortedLines(folder);
  for await (const { file, extract } of parts) {
    const metadata = fromJson(file.metadata);
    if (metadata.kind !== 'deb') continue;
    const name = file.name.split('_')[0] ?? '';
    const { section } = metadata;
    const owner = section !== undefined && SECTION.test(section) ? `${section}/${name}` : name;
    const text = Buffer.from(extract).toString();
    if (text === '') continue;
    for (const path of text.split('\n')) await lines.add(`${path}\t${owner}`);
  }
  let gathered = '';
  let current = '';
  let owners: string[] = [];
  const flush = (): void => {
    if (owners.length > 0) gathered += `${current.padEnd(WIDTH)} ${owners.join(',')}\n`;
  };
  for await (const line of lines.sorted()) {
    const tab = line.lastIndexOf('\t');
    const path = line.slice(0, tab);
    const owner = line.slice(tab + 1);
    if (path === current && owners.length > 0) {
      if (owners.at(-1) !== owner) owners.push(owner);
      continue;
    }
    flush();
    current = path;
    owners = [owner];
    if (gathered.length < PIECE) continue;
    yield Buffer.from(gathered);
    gathered = '';
  }
  flush();
  if (gathered !== '') yield Buffer.from(gathered);
}
