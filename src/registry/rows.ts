import type { StoredFileRow } from '../database/queries/files.ts';
import type { PackageRow } from '../database/queries/packages.ts';
import type { RepositoryColumns, RepositoryRow } from '../database/queries/repositories.ts';
import { Digest } from '../model/digest.ts';
import type {
  DownloadMode,
  IncompleteImages,
  JsonObject,
  Package,
  PackageStatus,
  Repository,
  RepositorySettings,
  StoredFile,
  Visibility,
  WritePolicy,
} from './model.ts';

/** Database rows as the domain sees them. */
export function toRepository(row: RepositoryRow): Repository {
  return {
    id: row.id,
    ref: { format: row.format, name: row.name },
    visibility: row.visibility as Visibility,
    writePolicy: row.write_policy as WritePolicy,
    downloads: row.downloads as DownloadMode,
    immutableTags: row.immutable_tags === '' ? [] : row.immutable_tags.split('\n'),
    incompleteImages: row.incomplete_images as IncompleteImages,
    keepEmpty: row.keep_empty === 1,
    retention: { keepVersions: row.keep_versions, keepDays: row.keep_days },
    revision: row.revision,
    fileCount: row.file_count,
    createdAt: row.created_at,
  };
}

/** The columns of what somebody chose. */
export function toColumns(settings: RepositorySettings): RepositoryColumns {
  return {
    visibility: settings.visibility,
    write_policy: settings.writePolicy,
    downloads: settings.downloads,
    immutable_tags: settings.immutableTags.join('\n'),
    incomplete_images: settings.incompleteImages,
    keep_empty: settings.keepEmpty ? 1 : 0,
    keep_versions: settings.retention.keepVersions,
    keep_days: settings.retention.keepDays,
  };
}

export function toPackage(row: PackageRow): Package {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    status: row.status as PackageStatus,
    statusReason: row.status_reason,
    revision: row.revision,
  };
}

export function toStoredFile(row: StoredFileRow): StoredFile {
  return {
    id: row.id,
    repositoryId: row.repository_id,
    package: row.package,
    version: row.version,
    name: row.name,
    path: row.path,
    size: row.size,
    sha256: Digest.sha256(row.sha256),
    storageKey: row.storage_key,
    // Parsed when it is asked for: a download does not, and a description can be long.
    get metadata(): JsonObject {
      return JSON.parse(row.metadata_json) as JsonObject;
    },
    publishedAt: row.added_at,
    publishedBy: row.added_by,
    packageStatus: row.package_status as PackageStatus,
    yanked: row.yanked ?? undefined,
  };
}
