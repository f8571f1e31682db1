import type { z } from '@hono/zod-openapi';
import type { Scope } from '../../model/principal.ts';
import type { TokenRecord } from '../../registry/access.ts';
import type { Alias, Package, Repository, Revision, StoredFile } from '../../registry/model.ts';
import type { Registry } from '../../registry/registry.ts';
import type * as schemas from './schemas.ts';

/** Milliseconds since 1970 as RFC 3339 in UTC. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Until when what is deleted now can be brought back. */
export function undoUntil({ grace }: Pick<Registry, 'grace'>): string {
  return isoTime(Date.now() + grace);
}

export function presentRepository({ ref, ...repository }: Repository): z.output<typeof schemas.Repository> {
  return {
    format: ref.format,
    name: ref.name,
    visibility: repository.visibility,
    writePolicy: repository.writePolicy,
    downloads: repository.downloads,
    immutableTags: [...repository.immutableTags],
    incompleteImages: repository.incompleteImages,
    keepEmpty: repository.keepEmpty,
    retention: repository.retention,
    files: repository.fileCount,
    revision: repository.revision,
    createdAt: isoTime(repository.createdAt),
    url: `${repositoryPath(ref)}/`,
  };
}

export function presentPackage(entry: Package): z.output<typeof schemas.PackageSummary> {
  const { name, displayName, status, statusReason } = entry;
  return { name, displayName, status, statusReason };
}

export function presentFile(repository: Repository, file: StoredFile): z.output<typeof schemas.PackageFile> {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    name: file.name,
    version: file.version,
    size: file.size,
    sha256: file.sha256.hex,
    publishedAt: isoTime(file.publishedAt),
    publishedBy: file.publishedBy,
    yanked: file.yanked ?? null,
    url: `${repositoryPath(repository.ref)}/${path}`,
    metadata: file.metadata,
  };
}

export function presentAlias({ name, target }: Alias): z.output<typeof schemas.Alias> {
  return { name, target };
}

export function presentRevision({ number, actor, reason, at }: Revision) {
  return { number, actor, reason, at: isoTime(at) };
}

export function presentScopes(scopes: readonly Scope[]) {
  return scopes.map(({ repository, actions }) => ({ repository, actions: [...actions] }));
}

export function presentToken(record: TokenRecord): z.output<typeof schemas.Token> {
  return {
    id: record.id,
    name: record.name,
    user: record.user,
    scopes: presentScopes(record.scopes),
    hint: record.hint,
    createdAt: isoTime(record.createdAt),
    createdBy: record.createdBy,
    expiresAt: optionalTime(record.expiresAt),
    revokedAt: optionalTime(record.revokedAt),
    lastUsedAt: optionalTime(record.lastUsedAt),
  };
}

function optionalTime(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : isoTime(milliseconds);
}

function repositoryPath(ref: Repository['ref']): string {
  return `/repo/${encodeURIComponent(ref.format)}/${encodeURIComponent(ref.name)}`;
}
