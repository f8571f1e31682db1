import type { Digest } from '../model/digest.ts';
import type { RepositoryRef } from '../model/repository-ref.ts';
import type { Retention } from '../model/retention.ts';
import type { StagedObject } from '../storage/object-store.ts';

export type {
  ByteRange,
  ByteSource,
  ObjectBody,
  StageBatch,
  StagedObject,
  StageOptions,
} from '../storage/object-store.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** `default` follows the server's anonymous mode; `public` lets everybody read; `private` asks for a token always. */
export const VISIBILITIES = ['default', 'public', 'private'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** `immutable`: a published file never changes. `overwrite`: a later upload of the same name replaces it. */
export const WRITE_POLICIES = ['immutable', 'overwrite'] as const;
export type WritePolicy = (typeof WRITE_POLICIES)[number];

/** Whether downloads may be sent to the object store: as the server's settings say, never, or whoever asks. */
export const DOWNLOAD_MODES = ['default', 'proxy', 'redirect'] as const;
export type DownloadMode = (typeof DOWNLOAD_MODES)[number];

/** Whether a manifest may name blobs and children that are not there. */
export const INCOMPLETE_IMAGES = ['accept', 'refuse'] as const;
export type IncompleteImages = (typeof INCOMPLETE_IMAGES)[number];

export interface RepositorySettings {
  readonly visibility: Visibility;
  readonly writePolicy: WritePolicy;
  readonly downloads: DownloadMode;
  /** Globs: aliases (tags) with such names stay where they point. */
  readonly immutableTags: readonly string[];
  readonly incompleteImages: IncompleteImages;
  /** Whether it stays in view when nothing is in it. */
  readonly keepEmpty: boolean;
  readonly retention: Retention;
}

/** Some settings: what is left out stays as it is, and no `retention` (`null`) is no rule. */
export type RepositoryChange = Partial<Omit<RepositorySettings, 'retention'>> & {
  readonly retention?: Partial<Retention> | null;
};

export interface Repository extends RepositorySettings {
  readonly id: number;
  readonly ref: RepositoryRef;
  /** Number of the newest revision; 0 before the first change. */
  readonly revision: number;
  /** Files that are there now. */
  readonly fileCount: number;
  /** Milliseconds since 1970, as all times here. */
  readonly createdAt: number;
}

/** PEP 792's markers, used for every format. */
export const PACKAGE_STATUSES = ['active', 'archived', 'quarantined', 'deprecated'] as const;
export type PackageStatus = (typeof PACKAGE_STATUSES)[number];

export interface Package {
  readonly id: number;
  /** Normalised by the format; unique in the repository. */
  readonly name: string;
  /** As the first uploader spelled it. */
  readonly displayName: string;
  readonly status: PackageStatus;
  readonly statusReason: string;
  /** The repository's revision in which this package changed last: what derived documents are cached by. */
  readonly revision: number;
}

/** A file as it stands in one repository: its place there, and the bytes and metadata that it shares with others. */
export interface StoredFile {
  readonly id: number;
  readonly repositoryId: number;
  /** The package's normalised name. */
  readonly package: string;
  readonly version: string;
  readonly name: string;
  /** Unique in the repository; chosen by the format. */
  readonly path: string;
  readonly size: number;
  readonly sha256: Digest;
  readonly storageKey: string;
  /** What the format's parser found. */
  readonly metadata: JsonObject;
  /** When the file entered this repository. */
  readonly publishedAt: number;
  readonly publishedBy: string;
  readonly packageStatus: PackageStatus;
  /** Why it is yanked (may be empty), or undefined when it is not. */
  readonly yanked: string | undefined;
}

/** What to bring back, as far as it was deleted: of a package, a version, one file, or all that one revision removed. */
export interface UndeleteTarget {
  /** Normalised. */
  readonly package?: string;
  readonly version?: string;
  readonly fileName?: string;
  readonly revision?: number;
  /** Leave out files in whose place there are others now; else they are a conflict. */
  readonly skipTaken?: boolean;
}

/** A file that was deleted and can be brought back. */
export interface DeletedFile {
  readonly id: number;
  readonly package: string;
  readonly version: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: Digest;
  /** The revision that removed it. */
  readonly revision: number;
  readonly removedAt: number;
  readonly removedBy: string;
  readonly reason: string;
  /** From when on it may be gone for good. */
  readonly until: number;
}

/** A repository that was removed and can be brought back. */
export interface RemovedRepository {
  readonly id: number;
  /** As it was called. */
  readonly ref: RepositoryRef;
  readonly visibility: Visibility;
  readonly fileCount: number;
  readonly removedAt: number;
  readonly removedBy: string;
  readonly until: number;
}

/** A version that the rules of its repository do not keep. */
export interface ExpiredVersion {
  /** Normalised. */
  readonly package: string;
  readonly version: string;
  readonly files: number;
  /** Bytes of its files; other repositories may have some of them too. */
  readonly size: number;
  /** When its newest file was published. */
  readonly publishedAt: number;
  /** Why no rule keeps it. */
  readonly reason: string;
}

/** What the rules took away. */
export interface RetentionOutcome {
  readonly versions: number;
  readonly files: number;
  readonly size: number;
  /** In which revisions: one, unless there was very much; none where there was nothing to remove. */
  readonly revisions: readonly number[];
}

export interface Alias {
  readonly package: string;
  readonly name: string;
  /** The version, or for OCI the manifest's digest. */
  readonly target: string;
}

export interface Revision {
  readonly number: number;
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
}

/** A document that belongs to a file and is served as it is, byte for byte: PyPI's METADATA, a control stanza. */
export interface Sidecar {
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** What a file names by its digest: bytes of its package, another version of it, or the version that it is about. */
export interface FileReference {
  readonly kind: 'blob' | 'child' | 'subject';
  /** `sha256:<hex>` or `sha512:<hex>` */
  readonly digest: string;
  /** Refuse the file when what it names is not there. */
  readonly required?: boolean;
}

/** Bytes that belong to a package under a digest, without being one of its files: an image's layer. */
export interface PackageBlob {
  readonly id: number;
  readonly repositoryId: number;
  readonly package: string;
  readonly packageStatus: PackageStatus;
  /** As it was uploaded. */
  readonly digest: string;
  readonly size: number;
  readonly sha256: Digest;
  readonly storageKey: string;
  /** When it entered this package. */
  readonly publishedAt: number;
  readonly publishedBy: string;
}

/** What is served as it lies in the store: a file, or bytes of a package. */
export type ServedFile = Pick<
  StoredFile,
  'package' | 'packageStatus' | 'sha256' | 'size' | 'storageKey' | 'publishedAt'
>;

/** A version that names another one, e.g. a signature of it. */
export interface Referrer {
  readonly version: string;
  readonly size: number;
  readonly metadata: JsonObject;
}

/** Bytes that are in the store already, e.g. those of a file in another place. */
export interface KnownBytes {
  readonly sha256: Digest;
}

/** One file that is to be published. */
export interface PublishItem {
  /** Normalised. */
  readonly package: string;
  readonly displayName?: string;
  readonly version: string;
  readonly file: {
    readonly name: string;
    readonly path: string;
    readonly staged: StagedObject | KnownBytes;
    readonly metadata: JsonObject;
    /** Names in `metadata` of what is not in the bytes: the same bytes with something else there are not the same file. */
    readonly chosen?: readonly string[];
    readonly sidecars?: readonly Sidecar[];
    readonly references?: readonly FileReference[];
  };
  /** Aliases that point at this version from then on, wherever they pointed before. */
  readonly aliases?: readonly string[];
}

interface PublishTarget {
  readonly repository: RepositoryRef;
  /** The repository that the caller was let into; 0 where there was none yet. */
  readonly repositoryId: number;
  readonly actor: Actor;
  readonly reason?: string;
}

export interface PublishRequest extends PublishTarget, PublishItem {
  /** Refuse with `precondition_failed` when the path is taken, even by the same bytes (`If-None-Match: *`). */
  readonly onlyIfAbsent?: boolean;
}

/** Several files that become visible together, in one revision. */
export interface PublishAllRequest extends PublishTarget {
  readonly items: readonly PublishItem[];
  /** Waiting files (`keepPending`) that are done with then. */
  readonly pending?: readonly number[];
}

/** An uploaded file that waits for the one that describes it. Nobody sees it; after a while it is dropped. */
export interface PendingFile {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  readonly sha256: Digest;
}

/** Who changes something, for revisions and the audit log. */
export interface Actor {
  readonly name: string;
  readonly requestId?: string;
  readonly address?: string;
}

/** A file that was kept and not published: it waits for the one that says what it belongs to. */
export interface PendingOutcome {
  readonly result: 'pending';
  readonly repository: RepositoryRef;
  readonly name: string;
  readonly size: number;
  readonly sha256: Digest;
}

export interface PublishOutcome {
  readonly file: StoredFile;
  readonly repository: Repository;
  /** `unchanged`: the same bytes were there already. */
  readonly result: 'created' | 'replaced' | 'unchanged';
}
