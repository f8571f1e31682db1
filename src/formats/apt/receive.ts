import { invalid } from '../../model/errors.ts';
import { parseSegment } from '../../model/file-name.ts';
import type { PendingOutcome, PublishItem, PublishOutcome } from '../../registry/model.ts';
import type { FormatContext, Upload } from '../format.ts';
import { binaryMetadata, CHOSEN, toJson } from './file-metadata.ts';
import { parseDeb } from './parse.ts';
import { binaryFileName, binaryPath } from './paths.ts';
import { receiveChanges } from './receive-changes.ts';
import { receiveSource } from './receive-source.ts';
import { isComponent, isDistribution, normalizeName } from './version.ts';

/** Where a file goes. */
export interface Target {
  readonly distributions: readonly string[];
  readonly component: string;
}

const MAX_DISTRIBUTIONS = 100;
const DEFAULT_COMPONENT = 'main';
/** What belongs to a source package: it waits until its .dsc or .changes comes (dpkg-source(1), dpkg-genchanges(1)). */
const SOURCE_PART = /^[a-z0-9][a-z0-9+.-]+_[^/]*\.(tar\.(gz|xz|bz2|lzma|zst)(\.asc)?|diff\.gz|buildinfo)$/;

/**
 * Publishes a binary package, or a source package by its .dsc, or what a .changes file lists; keeps the parts of a source
 * package until one of these comes. As with artifactd, the file alone tells package and version, whatever the uploader says.
 * @throws PackyardError `invalid_request`, `conflict`, …; nothing is stored then
 */
export async function receive(upload: Upload, context: FormatContext): Promise<PublishOutcome | PendingOutcome> {
  const { fileName } = upload;
  if (upload.fields.get('pending')?.[0] === '1') return keepPart(upload, context);
  if (fileName.endsWith('.changes')) return receiveChanges(upload, context);
  if (SOURCE_PART.test(fileName)) return keepPart(upload, context);
  const target = targetOf(upload.fields);
  if (fileName.endsWith('.dsc')) return receiveSource(upload, target, context);
  const items = await binaryItems(upload.staged, fileName, target);
  const [outcome] = await context.registry.publishAll({ ...common(upload), items });
  if (!outcome) throw new Error('a package was published without an outcome');
  return outcome;
}

/** A binary package among many: what it is to be published as. Others need more than one file, and come one by one. */
export async function describe({ staged, fileName, fields }: Upload): Promise<readonly PublishItem[]> {
  return binaryItems(staged, fileName, targetOf(fields));
}

export function describes(fileName: string): boolean {
  return /\.[ud]?deb$/.test(fileName);
}

/** Who publishes, and where. */
export function common({ repository, repositoryId, actor }: Upload) {
  return { repository, repositoryId, actor };
}

/** One binary package as it is to be published in each distribution. */
export async function binaryItems(
  staged: Upload['staged'],
  fileName: string,
  { distributions, component }: Target,
): Promise<PublishItem[]> {
  const found = await parseDeb(staged.path);
  const extension =
    fileName.match(/\.(udeb|ddeb)$/)?.[1] === 'udeb' || isInstallerPackage(found.control) ? 'udeb' : 'deb';
  const name = parseSegment(binaryFileName(found, extension), 'file name');
  const md5 = (await staged.digest('md5')).hex;
  const metadata = toJson(binaryMetadata(found, { kind: extension, component, md5 }));
  return distributions.map((distribution) => ({
    package: normalizeName(found.package),
    version: found.version,
    file: { name, path: binaryPath(distribution, name), staged, metadata, chosen: CHOSEN },
  }));
}

function isInstallerPackage(control: string): boolean {
  return /^(X[A-Z]*-)?Package-Type: *udeb$/im.test(control);
}

/** @throws PackyardError `invalid_request` without a distribution, or where a name cannot be one */
export function targetOf(fields: Upload['fields']): Target {
  const distributions = [...new Set(fields.get('dist') ?? [])].filter((each) => each !== '');
  if (distributions.length === 0)
    throw invalid('the distribution is missing', {
      hint: 'give dist=bookworm, or --dist bookworm; it may be repeated',
    });
  if (distributions.length > MAX_DISTRIBUTIONS)
    throw invalid(`one upload goes into ${MAX_DISTRIBUTIONS} distributions at the most`, {
      hint: 'copy it into the others',
    });
  return { distributions: distributions.map(parseDistribution), component: componentOf(fields) };
}

export function componentOf(fields: Upload['fields']): string {
  return parseComponent(fields.get('component')?.[0] || DEFAULT_COMPONENT);
}

/** @throws PackyardError `invalid_request` */
export function parseDistribution(text: string): string {
  if (isDistribution(text)) return text;
  throw invalid(`${JSON.stringify(text)} cannot be the name of a distribution`, {
    hint: 'letters, digits and . + ~ _ - are possible, beginning with a letter or digit, e.g. bookworm',
  });
}

/** @throws PackyardError `invalid_request` */
export function parseComponent(text: string): string {
  if (isComponent(text)) return text;
  throw invalid(`${JSON.stringify(text)} cannot be the name of a component`, {
    hint: 'e.g. main, contrib or non-free',
  });
}

async function keepPart(upload: Upload, { registry }: FormatContext): Promise<PendingOutcome> {
  const name = parseSegment(upload.fileName, 'file name');
  const { staged, repository } = upload;
  await registry.keepPending({ ...common(upload), name, staged });
  return { result: 'pending', repository, name, size: staged.size, sha256: staged.sha256 };
}
