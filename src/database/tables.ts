import type { Generated, Kysely } from 'kysely';

/** `removed_in` of what is still there: later than every revision. A number, because a unique index ignores NULL. */
export const STILL_THERE = Number.MAX_SAFE_INTEGER;

/** Times are milliseconds since 1970; `*_json` columns hold JSON text. */
export interface Tables {
  readonly instance: { name: string; value: string };
  readonly repositories: {
    id: Generated<number>;
    format: string;
    name: string;
    visibility: string;
    write_policy: string;
    /** Number of the newest revision. */
    revision: number;
    created_at: number;
    /** Files that are there now. */
    file_count: Generated<number>;
    /** 1: stays visible without files. 0: made by an upload, and gone from view while there is nothing in it. */
    keep_empty: Generated<number>;
    /** Whether downloads may be sent to the object store: `default`, `proxy`, `redirect`. */
    downloads: Generated<string>;
    /** Retention: versions of each package, and days, that are kept; null: no such rule. */
    keep_versions: number | null;
    keep_days: number | null;
    /** Globs of aliases that stay where they point, one a line. */
    immutable_tags: Generated<string>;
    /** Whether a manifest may name blobs that are not there: `accept`, `refuse`. */
    incomplete_images: Generated<string>;
    /** When it was removed; its name is then `~<id>`, and the old one in `removed_name`. */
    removed_at: number | null;
    removed_name: string | null;
    /** The newest revision of which something that it removed has been purged: what was before cannot be followed from there. */
    purged_revision: Generated<number>;
  };
  readonly packages: {
    id: Generated<number>;
    repository_id: number;
    name: string;
    display_name: string;
    /** The name as searches see it (`searchName`). */
    search_name: string;
    status: string;
    status_reason: string;
    /** The revision in which the package changed last. */
    revision: number;
    /** Files that are there now; a package with none is not listed. */
    file_count: number;
    /** 1: it has, or had, bytes of its own. */
    has_blobs: Generated<number>;
  };
  readonly versions: { id: Generated<number>; package_id: number; version: string };
  readonly blobs: {
    id: Generated<number>;
    sha256: string;
    size: number;
    storage_key: string;
    created_at: number;
  };
  /** A named blob with the metadata parsed from it: independent of the repositories it is in. */
  readonly files: { id: Generated<number>; blob_id: number; name: string; metadata_json: string };
  /** Documents served with a file as they are. */
  readonly sidecars: { file_id: number; name: string; content: Uint8Array };
  /** A file is in a repository from revision `added_in` until before `removed_in`. */
  readonly memberships: {
    id: Generated<number>;
    repository_id: number;
    package_id: number;
    version_id: number;
    file_id: number;
    path: string;
    added_in: number;
    removed_in: number;
    /** When the file entered this repository: a yank makes a new row and keeps this. */
    added_at: number;
    added_by: string;
    yanked: string | null;
  };
  readonly aliases: {
    id: Generated<number>;
    repository_id: number;
    package_id: number;
    name: string;
    target: string;
    added_in: number;
    removed_in: number;
  };
  readonly revisions: { repository_id: number; number: number; actor: string; reason: string; at: number };
  readonly users: { id: Generated<number>; name: string; created_at: number };
  readonly tokens: {
    id: string;
    user_id: number;
    name: string;
    /** SHA-256 of the secret: the secret has 256 random bits, so a slow hash would protect nothing. */
    secret_sha256: string;
    /** The first characters of the secret, to tell tokens apart. */
    hint: string;
    scopes_json: string;
    created_at: number;
    created_by: string;
    expires_at: number | null;
    revoked_at: number | null;
    last_used_at: number | null;
  };
  readonly events: {
    id: Generated<number>;
    at: number;
    actor: string;
    action: string;
    repository: string | null;
    subject: string | null;
    detail_json: string;
    request_id: string | null;
    address: string | null;
  };
  /** Who does what alone. The holder raises `beat`; a lease whose `beat` stands still belongs to nobody. */
  readonly leases: { name: string; holder: string; beat: number };
  /** Documents that one replica built for all. */
  readonly documents: { name: string; revision: number; storage_key: string; size: number; built_at: number };
  /** OpenPGP keys that sign a repository's indices. `private_key` is encrypted with a secret that is not in the database. */
  readonly signing_keys: {
    id: Generated<number>;
    repository_id: number;
    fingerprint: string;
    /** Armored. */
    public_key: string;
    private_key: string;
    created_at: number;
    created_by: string;
    /** Since when it signs no longer. */
    retired_at: number | null;
  };
  /** What somebody chose for one of a repository's indices, e.g. an apt distribution. */
  readonly index_settings: { repository_id: number; name: string; settings_json: string };
  /** States of an index that clients may have begun to read; the highest number is the present one. */
  readonly generations: {
    repository_id: number;
    /** Which index of the repository. */
    name: string;
    number: number;
    /** The repository's revision that it shows. */
    revision: number;
    made_at: number;
    /** Its documents' digests, and the small signed documents themselves. */
    root_json: string;
  };
  /** In which generation a document with this digest came to be. */
  readonly generation_documents: { repository_id: number; name: string; sha256: string; number: number };
  /** Documents of an index that are built in the background and kept in the store. */
  readonly index_objects: {
    id: Generated<number>;
    repository_id: number;
    name: string;
    /** With the ending of what is stored. */
    path: string;
    /** A digest of what it was made from. */
    basis: string;
    sha256: string;
    size: number;
    plain_sha256: string;
    plain_size: number;
    storage_key: string;
    /** Since when there is a newer one. */
    superseded_at: number | null;
  };
  /** The names of the files in an archive, compressed; made once for each blob. */
  readonly file_listings: { blob_id: number; content: Uint8Array };
  /** Bytes that belong to a package under a digest, without being one of its files: layers of images. */
  readonly package_blobs: {
    id: Generated<number>;
    package_id: number;
    /** `sha256:<hex>` or `sha512:<hex>`: as it was uploaded. */
    digest: string;
    blob_id: number;
    /** 1: a file has named it; when none does any more, it is garbage. */
    referenced: number;
    /** Since when it is garbage: out of sight, but a manifest that names it brings it back. */
    condemned_at: number | null;
    added_at: number;
    added_by: string;
  };
  /** What a file names by digest: a manifest's blobs, its children, its subject. */
  readonly file_references: { file_id: number; kind: string; digest: string };
  /** Uploads that come in several requests. */
  readonly upload_sessions: {
    id: string;
    repository_id: number;
    package: string;
    /** The digest that was announced: `sha256`, `sha512`. */
    algorithm: string;
    /** Bytes so far. */
    size: number;
    /** Parts so far. */
    parts: number;
    started_by: string;
    touched_at: number;
  };
  readonly upload_parts: {
    session_id: string;
    number: number;
    blob_id: number;
    /** The part's digest by the session's algorithm, where that is not sha256. */
    digest: string | null;
  };
  /** Uploaded files that wait for the one that describes them, such as a source package's. */
  readonly pending_files: {
    id: Generated<number>;
    repository_id: number;
    name: string;
    blob_id: number;
    added_at: number;
    added_by: string;
  };
}

/** A connection, or a transaction on one. */
export type Queryable = Kysely<Tables>;
