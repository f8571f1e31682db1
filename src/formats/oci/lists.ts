import { invalid, notFound, PackyardError } from '../../model/errors.ts';
import { parseRepositoryName } from '../../model/repository-ref.ts';
import type { JsonObject, Repository, Visibility } from '../../registry/model.ts';
import type { FormatContext } from '../format.ts';
import { type CatalogDocument, fallbackTag, type ReferrerDescriptor, type TagsDocument } from './documents.ts';
import { MANIFEST_LIMIT, OCI_INDEX } from './parse.ts';
import { openImage, type Request } from './request.ts';
import { type ImageName, manifestPath, parseDigest } from './version.ts';

/** Names on one page, where nobody says how many, and at the most. */
const PAGE = { tags: 10_000, catalog: 1000, most: 10_000 } as const;
/** Referrers that are read in one go; bytes of their descriptors on one page, and of the manifests that are looked at for it. */
const REFERRERS = { batch: 500, bytes: MANIFEST_LIMIT / 2, lookedAt: 4 * MANIFEST_LIMIT } as const;
/** Descriptors of a fallback tag's index that are looked at. */
const LONGEST_FALLBACK = 2 * 1024 * 1024;

export interface Listed<Document> {
  readonly document: Document;
  /** Where the next page begins: after this. */
  readonly last?: string;
  readonly size: number;
}

export async function listTags(context: FormatContext, c: Request, image: ImageName): Promise<Listed<TagsDocument>> {
  const { registry } = context;
  const repository = await openImage(context, c, image, 'read');
  if (!(await registry.hasPackage(repository, image.name))) throw unknownName(image);
  const size = pageSize(c, PAGE.tags);
  const after = c.req.query('last') ?? '';
  const names = size === 0 ? [] : await registry.aliasNames(repository, image.name, { after, limit: size + 1 });
  const tags = names.slice(0, size);
  return { document: { name: image.name, tags }, last: names.length > size ? tags.at(-1) : undefined, size };
}

/** The images that the caller may read. */
export async function listCatalog(context: FormatContext, c: Request): Promise<Listed<CatalogDocument>> {
  const size = pageSize(c, PAGE.catalog);
  const found: string[] = [];
  let last = c.req.query('last') ?? '';
  // Whoever may read little of what there is must not ask for it name by name.
  for (let limit = size + 1; found.length <= size && size > 0; limit = Math.max(limit, PAGE.catalog)) {
    const after = last === '' ? undefined : { repository: last.split('/', 1)[0] ?? '', package: last };
    const entries = await context.registry.catalog('oci', { after, limit });
    for (const { repository, visibility, package: name } of entries) {
      const place = { ref: { format: 'oci', name: repository }, visibility: visibility as Visibility };
      if (context.allows(c.var.principal, 'read', { ...place, within: `oci/${name}` })) found.push(name);
    }
    if (entries.length < limit) break;
    last = entries.at(-1)?.package ?? last;
  }
  const repositories = found.slice(0, size);
  return { document: { repositories }, last: found.length > size ? repositories.at(-1) : undefined, size };
}

/** The images of one repository, for people: clients ask for the catalog. */
export async function listImages(context: FormatContext, c: Request, name: string): Promise<CatalogDocument> {
  const ref = { format: 'oci', name: parseRepositoryName(name) };
  const repository = await context.open(ref, c.var.principal, 'read');
  const after = c.req.query('last') ?? '';
  const packages = await context.registry.packages(repository, { after, limit: PAGE.most });
  return { repositories: packages.map((entry) => entry.name) };
}

export interface ReferrersPage {
  readonly manifests: readonly ReferrerDescriptor[];
  readonly filtered: boolean;
  readonly last?: string;
}

/**
 * What says that it is about a manifest: whether that is there or not, and also what an older client has written under the
 * fallback tag. A repository that is not there has none.
 */
export async function listReferrers(
  context: FormatContext,
  c: Request,
  image: ImageName,
  reference: string,
): Promise<ReferrersPage> {
  const digest = parseDigest(reference).toString();
  const artifactType = c.req.query('artifactType') ?? '';
  const filtered = artifactType !== '';
  const repository = await openImage(context, c, image, 'read').catch((error: unknown) => {
    if (error instanceof PackyardError && error.code === 'not_found') return undefined;
    throw error;
  });
  if (!repository) return { manifests: [], filtered };
  const after = c.req.query('last') ?? '';
  const manifests: ReferrerDescriptor[] = [];
  const matches = (each: ReferrerDescriptor): boolean => !filtered || each.artifactType === artifactType;
  if (after === '') manifests.push(...(await fallbackReferrers(context, repository, image, digest)).filter(matches));
  let bytes = JSON.stringify(manifests).length;
  let lookedAt = 0;
  for (let last = after; ; ) {
    const page = { after: last, limit: REFERRERS.batch };
    const { items, more } = await context.registry.referrers(repository, image.name, digest, page);
    for (const { version, size, metadata } of items) {
      last = version;
      lookedAt += size;
      const descriptor = descriptorOf(version, size, metadata);
      if (!matches(descriptor)) continue;
      manifests.push(descriptor);
      bytes += JSON.stringify(descriptor).length;
      if (bytes > REFERRERS.bytes) return { manifests, filtered, last };
    }
    if (!more) return { manifests, filtered };
    // A filter that matches nothing would otherwise read all there are, for whoever asks.
    if (lookedAt > REFERRERS.lookedAt) return { manifests, filtered, last };
  }
}

/** The index under `sha256-<hex>`, as far as what it names is not found by its subject. */
async function fallbackReferrers(
  context: FormatContext,
  repository: Repository,
  image: ImageName,
  digest: string,
): Promise<readonly ReferrerDescriptor[]> {
  const { registry } = context;
  const version = await registry.aliasTarget(repository, image.name, fallbackTag(digest));
  // Tools that copy by digest tag an index so itself: what it has are its images.
  if (version === digest) return [];
  const file = version && (await registry.fileAt(repository, manifestPath(image.name, version)));
  if (!file || file.metadata.mediaType !== OCI_INDEX || file.size > LONGEST_FALLBACK) return [];
  const body = await registry.openFile(file);
  const text = await (body instanceof Blob ? body.text() : Bun.readableStreamToText(body));
  const { manifests } = JSON.parse(text) as { manifests: readonly ReferrerDescriptor[] };
  const names = manifests.map((each) => each.digest);
  const bySubject = await registry.referring(repository, image.name, digest, names);
  const named: ReferrerDescriptor[] = [];
  for (const each of manifests) {
    if (bySubject.has(each.digest)) continue;
    if (await registry.fileAt(repository, manifestPath(image.name, each.digest))) named.push(each);
  }
  return named;
}

function descriptorOf(digest: string, size: number, metadata: JsonObject): ReferrerDescriptor {
  const { mediaType, artifactType, annotations } = metadata as Partial<ReferrerDescriptor>;
  return { mediaType: mediaType ?? '', digest, size, artifactType, annotations };
}

/** `n`: as many as are asked for, within reason. */
function pageSize(c: Request, usual: number): number {
  const text = c.req.query('n');
  if (text === undefined || text === '') return usual;
  if (!/^-?\d+$/.test(text)) throw invalid(`n is not a number: ${JSON.stringify(text)}`);
  const size = Number(text);
  return size < 0 ? usual : Math.min(size, PAGE.most);
}

function unknownName(image: ImageName): PackyardError {
  return notFound(`there is no repository ${image.name}`, {
    hint: 'check the spelling; the first push creates a repository',
    details: { oci: 'NAME_UNKNOWN' },
  });
}
