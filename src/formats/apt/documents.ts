import type { IndexFile, IndexLayout, NamedDigest } from '../../registry/indexes/index-plan.ts';
import { sourceStanza } from './dsc.ts';
import { type AptMetadata, fromJson } from './file-metadata.ts';
import { folderOf } from './paths.ts';
import type { DistributionSettings } from './settings.ts';

/** Architectures that a distribution has while nothing in it says more. */
const USUAL_ARCHITECTURES = ['amd64', 'arm64'];
const FORMS = { plain: '', gzip: '.gz', zstd: '.zst' } as const;
const DAY = 86_400_000;

/** The group of files that share a place in the indices: component, kind and architecture. Undefined where a file has none. */
export function groupOf(metadata: AptMetadata): string | undefined {
  if (metadata.kind === 'source-part') return undefined;
  if (metadata.kind === 'dsc') return `${metadata.component}/source`;
  return `${metadata.component}/${metadata.kind}-${metadata.architecture}`;
}

/** What a file adds to its index: its paragraph and the empty line behind it (Debian's repository format, "Packages"). */
export function stanza(file: IndexFile): string {
  const metadata = fromJson(file.metadata);
  const { path, name, size, sha256 } = file;
  if (metadata.kind === 'source-part') return '';
  if (metadata.kind !== 'dsc')
    return `${metadata.control}Filename: ${path}\nSize: ${size}\nMD5sum: ${metadata.md5}\nSHA256: ${sha256}\n\n`;
  const dsc = { name, size, md5: metadata.md5, sha256 };
  const { fields, files } = metadata;
  return `${sourceStanza({ fields, files }, { directory: folderOf(path), dsc })}\n`;
}

/**
 * The documents of a distribution. Packages for every architecture are in each architecture's index, as Debian has it: older
 * clients know no other place.
 */
export function layoutOf(
  distribution: string,
  groups: ReadonlySet<string>,
  settings: DistributionSettings,
  origin: string,
): IndexLayout {
  const { components, architectures, kinds } = contentsOf(groups, settings);
  const documents = components.flatMap((component) => [
    ...kinds.flatMap((kind) =>
      ['all', ...architectures].map((architecture) => ({
        path: `${binaryFolder(component, kind, architecture)}/Packages`,
        groups: [...new Set([`${component}/${kind}-${architecture}`, `${component}/${kind}-all`])],
        forms: FORMS,
      })),
    ),
    { path: `${component}/source/Sources`, groups: [`${component}/source`], forms: FORMS },
  ]);
  const fixed = components.flatMap((component) => [
    ...['all', ...architectures].map((architecture) => [
      `${binaryFolder(component, 'deb', architecture)}/Release`,
      partRelease(distribution, component, architecture, settings, origin),
    ]),
    [`${component}/source/Release`, partRelease(distribution, component, 'source', settings, origin)],
  ]);
  return { documents, fixed: Object.fromEntries(fixed) as Record<string, string> };
}

/** What a distribution consists of: what is in it, and what its settings name. */
export function contentsOf(groups: ReadonlySet<string>, settings: DistributionSettings) {
  const parts = [...groups].map((group) => group.split('/'));
  const components = sorted([...(settings.components ?? []), ...parts.map(([component = '']) => component)]);
  const found = parts.flatMap(([, rest = '']) => {
    const dash = rest.indexOf('-');
    return dash < 0 ? [] : [rest.slice(dash + 1)];
  });
  const architectures = sorted([...(settings.architectures ?? []), ...found]).filter((name) => name !== 'all');
  const kinds = parts.some(([, rest = '']) => rest.startsWith('udeb-'))
    ? (['deb', 'udeb'] as const)
    : (['deb'] as const);
  return {
    components: components.length > 0 ? components : ['main'],
    architectures: architectures.length > 0 ? architectures : USUAL_ARCHITECTURES,
    kinds,
  };
}

function binaryFolder(component: string, kind: 'deb' | 'udeb', architecture: string): string {
  return `${component}/${kind === 'udeb' ? 'debian-installer/' : ''}binary-${architecture}`;
}

/** The small Release beside each Packages, which the Debian installer and some mirroring tools ask for. */
function partRelease(
  distribution: string,
  component: string,
  architecture: string,
  settings: DistributionSettings,
  origin: string,
): string {
  return lines([
    ['Archive', settings.suite ?? distribution],
    ['Origin', settings.origin ?? origin],
    ['Label', settings.label ?? origin],
    ['Acquire-By-Hash', byHash(settings)],
    ['Component', component],
    ['Architecture', architecture],
  ]);
}

export interface ReleaseRequest {
  readonly distribution: string;
  /** What stands for the repository where nobody chose an Origin. */
  readonly origin: string;
  readonly settings: DistributionSettings;
  readonly documents: readonly NamedDigest[];
  /** Milliseconds since 1970. */
  readonly madeAt: number;
}

/** The Release file: what there is, with digests (Debian's repository format, "Release files"). */
export function releaseText({ distribution, origin, settings, documents, madeAt }: ReleaseRequest): string {
  const paths = documents.map((document) => document.path);
  const components = sorted(paths.map((path) => path.slice(0, path.indexOf('/'))));
  const architectures = sorted(paths.flatMap((path) => path.match(/\/binary-([^/]+)\//)?.[1] ?? []));
  const until = settings.validDays === undefined ? undefined : madeAt + settings.validDays * DAY;
  const head = lines([
    ['Origin', settings.origin ?? origin],
    ['Label', settings.label ?? origin],
    ['Suite', settings.suite ?? distribution],
    ['Codename', settings.codename ?? distribution],
    ['Version', settings.version],
    ['Date', formatDate(madeAt)],
    ['Valid-Until', until === undefined ? undefined : formatDate(until)],
    ['NotAutomatic', settings.notAutomatic ? 'yes' : undefined],
    ['ButAutomaticUpgrades', settings.butAutomaticUpgrades ? 'yes' : undefined],
    ['Acquire-By-Hash', byHash(settings)],
    ['No-Support-for-Architecture-all', 'Packages'],
    ['Architectures', architectures.join(' ')],
    ['Components', components.join(' ')],
    ['Description', settings.description],
  ]);
  const width = Math.max(1, ...documents.map(({ size }) => String(size).length));
  const sha256 = documents.map(({ sha256, size, path }) => ` ${sha256} ${String(size).padStart(width)} ${path}\n`);
  return `${head}SHA256:\n${sha256.join('')}`;
}

function byHash(settings: DistributionSettings): string {
  return settings.acquireByHash === false ? 'no' : 'yes';
}

/** apt takes UTC under this name; JavaScript calls it GMT. */
function formatDate(time: number): string {
  return new Date(time).toUTCString().replace('GMT', 'UTC');
}

function lines(fields: readonly (readonly [name: string, value: string | undefined])[]): string {
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\n`])).join('');
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
