import type { BackgroundPlan, Extracted } from '../../registry/indexes/index-plan.ts';
import { listContents } from './contents.ts';
import { contentsOf } from './documents.ts';
import { fromJson } from './file-metadata.ts';
import type { DistributionSettings } from './settings.ts';
import { SortedLines } from './sorted-lines.ts';

/** Columns that the names take before that of the packages, as in Debian's own. */
const WIDTH = 60;
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
  extract: async (path) => {
    const names: string[] = [];
    for await (const name of listContents(path)) names.push(name);
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
    const owner = metadata.section === undefined ? name : `${metadata.section}/${name}`;
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
