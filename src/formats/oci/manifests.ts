import { invalid, notFound, PackyardError } from '../../model/errors.ts';
import type { Repository, StoredFile } from '../../registry/model.ts';
import type { FormatContext } from '../format.ts';
import { MANIFEST_LIMIT, type Manifest, parseManifest } from './parse.ts';
import { actorOf, openImage, type Request } from './request.ts';
import { type ImageName, isDigest, manifestPath, parseDigest, parseTag } from './version.ts';

/** Tags that one push may set. */
const MOST_TAGS = 100;

/** A manifest that is there, and the digest under which it was pushed. */
export interface FoundManifest {
  readonly repository: Repository;
  readonly file: StoredFile;
  readonly digest: string;
}

/** Finds a manifest by tag or digest. @throws PackyardError `not_found` (MANIFEST_UNKNOWN) */
export async function findManifest(
  context: FormatContext,
  repository: Repository,
  image: ImageName,
  reference: string,
): Promise<FoundManifest> {
  const { registry } = context;
  const digest = isDigest(reference)
    ? parseDigest(reference).toString()
    : await registry.aliasTarget(repository, image.name, parseTag(reference));
  const file = digest === undefined ? undefined : await registry.fileAt(repository, manifestPath(image.name, digest));
  if (!file || digest === undefined) throw unknownManifest(image, reference);
  return { repository, file, digest };
}

export interface PushedManifest {
  readonly digest: string;
  readonly subject?: string;
  readonly tags: readonly string[];
}

/** Stores a manifest as it was sent, and points its tags at it: both or nothing. */
export async function pushManifest(
  context: FormatContext,
  c: Request,
  image: ImageName,
  reference: string,
): Promise<PushedManifest> {
  const named = isDigest(reference) ? parseDigest(reference) : undefined;
  const tags = named ? parseTags(c.req.queries('tag') ?? []) : [parseTag(reference)];
  const repository = await openImage(context, c, image, 'write');
  const bytes = await context.receiveBytes(c.req.raw, MANIFEST_LIMIT);
  const manifest = parseManifest(bytes, c.req.header('content-type') ?? null);
  const staged = await context.registry.stage([bytes], { digests: named?.algorithm === 'sha512' ? ['sha512'] : [] });
  try {
    const digest = await staged.digest(named?.algorithm ?? 'sha256');
    if (named && !digest.equals(named))
      throw new PackyardError('digest_mismatch', `the manifest has the digest ${digest}, not ${named}`, {
        details: { expected: named.toString(), found: digest.toString() },
      });
    const version = digest.toString();
    const complete = repository.incompleteImages === 'refuse';
    if (complete) await requireChildren(context, repository, image, manifest);
    await context.registry.publish({
      repository: repository.ref,
      repositoryId: repository.id,
      actor: actorOf(c),
      reason: `push ${image.name}${tags.length > 0 ? `:${tags.join(', :')}` : `@${version}`}`.slice(0, 1000),
      package: image.name,
      version,
      file: {
        name: version,
        path: manifestPath(image.name, version),
        staged,
        metadata: manifest.metadata,
        references: manifest.references.map(({ kind, digest: wanted, required }) => ({
          kind,
          digest: wanted,
          required: complete && required,
        })),
      },
      aliases: tags,
    });
    return { digest: version, subject: manifest.subject, tags: named ? tags : [] };
  } finally {
    await staged.discard();
  }
}

/** Removes a tag, or a manifest with all the tags that point at it. */
export async function deleteManifest(
  context: FormatContext,
  c: Request,
  image: ImageName,
  reference: string,
): Promise<void> {
  const { registry } = context;
  const repository = await openImage(context, c, image, 'delete');
  if (!isDigest(reference)) {
    if (!(await registry.removeAlias(repository, image.name, parseTag(reference), actorOf(c))))
      throw unknownManifest(image, reference);
    return;
  }
  const { file } = await findManifest(context, repository, image, reference);
  if ((await registry.remove(repository, [file], actorOf(c), `delete ${image.name}@${reference}`)) === 0)
    throw unknownManifest(image, reference);
}

async function requireChildren(
  context: FormatContext,
  repository: Repository,
  image: ImageName,
  { references }: Manifest,
): Promise<void> {
  for (const { kind, digest, required } of references) {
    if (kind !== 'child' || !required) continue;
    if (await context.registry.fileAt(repository, manifestPath(image.name, digest))) continue;
    throw invalid(`the index names the manifest ${digest}, which this repository does not have`, {
      hint: 'push its images first; packyard repo update --incomplete-images accept takes indices without them',
      details: { missing: digest },
    });
  }
}

function parseTags(texts: readonly string[]): readonly string[] {
  if (texts.length > MOST_TAGS)
    throw new PackyardError('too_large', `one push can set ${MOST_TAGS} tags, not ${texts.length}`, {
      details: { oci: 'TAG_INVALID' },
    });
  return [...new Set(texts.map(parseTag))];
}

export function unknownManifest(image: ImageName, reference: string): PackyardError {
  const shown = isDigest(reference) ? `${image.name}@${reference}` : `${image.name}:${reference}`;
  return notFound(`there is no manifest ${shown}`, { details: { oci: 'MANIFEST_UNKNOWN' } });
}
