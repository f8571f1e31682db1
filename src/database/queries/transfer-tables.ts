import type { Tables } from '../tables.ts';

/**
 * `number`: the key, which the database counts up. `key`: part of the key. `row`: the rest. `place`: where this instance
 * keeps something, which means nothing to another one.
 */
type Kind = 'number' | 'key' | 'row' | 'place';

type Description<Row> = { readonly [Column in keyof Row]: Kind };

/**
 * What a copy of an instance consists of: tables that are referred to stand before those that refer to them. `derived` is
 * what an instance makes again by itself. The types see to it that no table and no column is forgotten.
 */
const DESCRIPTIONS: { readonly [Name in keyof Tables]: Description<Tables[Name]> | 'derived' } = {
  instance: { name: 'key', value: 'row' },
  users: { id: 'number', name: 'row', created_at: 'row' },
  tokens: {
    id: 'key',
    user_id: 'row',
    name: 'row',
    secret_sha256: 'row',
    hint: 'row',
    scopes_json: 'row',
    created_at: 'row',
    created_by: 'row',
    expires_at: 'row',
    revoked_at: 'row',
    last_used_at: 'row',
  },
  repositories: {
    id: 'number',
    format: 'row',
    name: 'row',
    visibility: 'row',
    write_policy: 'row',
    revision: 'row',
    created_at: 'row',
    file_count: 'row',
    keep_empty: 'row',
    downloads: 'row',
    keep_versions: 'row',
    keep_days: 'row',
    immutable_tags: 'row',
    incomplete_images: 'row',
    removed_at: 'row',
    removed_name: 'row',
    purged_revision: 'row',
  },
  revisions: { repository_id: 'key', number: 'key', actor: 'row', reason: 'row', at: 'row' },
  packages: {
    id: 'number',
    repository_id: 'row',
    name: 'row',
    display_name: 'row',
    search_name: 'row',
    status: 'row',
    status_reason: 'row',
    revision: 'row',
    file_count: 'row',
    has_blobs: 'row',
  },
  versions: { id: 'number', package_id: 'row', version: 'row' },
  aliases: {
    id: 'number',
    repository_id: 'row',
    package_id: 'row',
    name: 'row',
    target: 'row',
    added_in: 'row',
    removed_in: 'row',
  },
  blobs: { id: 'number', sha256: 'row', size: 'row', storage_key: 'place', created_at: 'row' },
  files: { id: 'number', blob_id: 'row', name: 'row', metadata_json: 'row' },
  file_references: { file_id: 'key', kind: 'key', digest: 'key' },
  package_blobs: {
    id: 'number',
    package_id: 'row',
    digest: 'row',
    blob_id: 'row',
    referenced: 'row',
    condemned_at: 'row',
    added_at: 'row',
    added_by: 'row',
  },
  sidecars: { file_id: 'key', name: 'key', content: 'row' },
  memberships: {
    id: 'number',
    repository_id: 'row',
    package_id: 'row',
    version_id: 'row',
    file_id: 'row',
    path: 'row',
    added_in: 'row',
    removed_in: 'row',
    added_at: 'row',
    added_by: 'row',
    yanked: 'row',
  },
  events: {
    id: 'number',
    at: 'row',
    actor: 'row',
    action: 'row',
    repository: 'row',
    subject: 'row',
    detail_json: 'row',
    request_id: 'row',
    address: 'row',
  },
  signing_keys: {
    id: 'number',
    repository_id: 'row',
    fingerprint: 'row',
    public_key: 'row',
    private_key: 'row',
    created_at: 'row',
    created_by: 'row',
    retired_at: 'row',
  },
  index_settings: { repository_id: 'key', name: 'key', settings_json: 'row' },
  leases: 'derived',
  documents: 'derived',
  generations: 'derived',
  generation_documents: 'derived',
  index_objects: 'derived',
  file_listings: 'derived',
  pending_files: 'derived',
  upload_sessions: 'derived',
  upload_parts: 'derived',
};

/** A table as it goes from one instance to another. */
export interface TransferTable {
  readonly name: keyof Tables;
  readonly key: readonly string[];
  /** What is copied, without what has a meaning in one instance alone. */
  readonly columns: readonly string[];
  /** The column that the database counts up, if there is one. */
  readonly counter: string | undefined;
}

/** In the order in which they can be filled; they can be emptied in the opposite one. */
export const TRANSFER_TABLES: readonly TransferTable[] = Object.entries(DESCRIPTIONS).flatMap(([name, columns]) => {
  if (columns === 'derived') return [];
  const kinds = Object.entries(columns) as readonly (readonly [string, Kind])[];
  const ofKind = (...wanted: readonly Kind[]): string[] =>
    kinds.filter(([, kind]) => wanted.includes(kind)).map(([column]) => column);
  return {
    name: name as keyof Tables,
    key: ofKind('number', 'key'),
    columns: ofKind('number', 'key', 'row'),
    counter: ofKind('number')[0],
  };
});
