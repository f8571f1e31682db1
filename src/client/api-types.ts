/** What the server's JSON API takes and gives. Times are ISO 8601 texts, sizes are bytes. */

export type Visibility = 'default' | 'public' | 'private';
export type WritePolicy = 'immutable' | 'overwrite';
export type DownloadMode = 'default' | 'proxy' | 'redirect';
export type IncompleteImages = 'accept' | 'refuse';
export type TokenAction = 'read' | 'write' | 'delete' | 'promote' | 'admin';
export type PackageStatus = 'active' | 'archived' | 'quarantined' | 'deprecated';

export interface RepositoryId {
  readonly format: string;
  readonly name: string;
}

export interface RepositorySettings {
  readonly visibility: Visibility;
  readonly writePolicy: WritePolicy;
  readonly downloads: DownloadMode;
  /** Globs: aliases (tags) with such names are set once. */
  readonly immutableTags: readonly string[];
  /** Whether a manifest may name blobs and manifests that are not there. */
  readonly incompleteImages: IncompleteImages;
  /** Whether it stays in view when nothing is in it. Choosing any setting sets this as well. */
  readonly keepEmpty: boolean;
  readonly retention: Retention;
}

/** Which versions of each package stay: what any rule keeps; `null` is no rule. */
export interface Retention {
  /** The newest so many, by the time of publishing. */
  readonly keepVersions: number | null;
  /** Whatever was published in the last so many days. */
  readonly keepDays: number | null;
}

/** Some settings: what is left out stays as it is, and `retention: null` ends all rules. */
export type RepositoryChange = Partial<Omit<RepositorySettings, 'retention'>> & {
  readonly retention?: Partial<Retention> | null;
};

export interface RepositoryRecord extends RepositoryId, RepositorySettings {
  /** How many there are now. */
  readonly files: number;
  readonly revision: number;
  readonly createdAt: string;
}

export interface PackageSummary {
  readonly name: string;
  readonly displayName: string;
  readonly status: PackageStatus;
  readonly statusReason: string;
}

export interface FoundPackage extends PackageSummary {
  /** FORMAT/NAME. */
  readonly repository: string;
}

export interface FoundPackages {
  readonly items: readonly FoundPackage[];
  /** Whether there are more than the limit. */
  readonly more: boolean;
}

export interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly sha256: string;
  readonly publishedAt: string;
  readonly publishedBy: string;
  /** Why it is yanked (may be empty); null when it is not. */
  readonly yanked: string | null;
  /** A path under the server's root. */
  readonly url: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface AliasRecord {
  readonly name: string;
  readonly target: string;
}

export interface PackageDetails extends PackageSummary {
  /** Newest first. */
  readonly versions: readonly string[];
  readonly aliases: readonly AliasRecord[];
  readonly files: readonly PackageFile[];
}

export interface Removed {
  /** How many files. */
  readonly removed: number;
  /** Until when at the least they can be brought back. */
  readonly undoUntil: string;
}

/** Which deleted files: of a package, a version or file of it, or what one revision removed. */
export interface DeletedTarget {
  readonly package?: string;
  /** Needs `package`, as does `file`. */
  readonly version?: string;
  readonly file?: string;
  readonly revision?: number;
}

/** A deleted file that can be brought back. */
export interface DeletedFile {
  readonly package: string;
  readonly version: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  /** The revision that removed it. */
  readonly revision: number;
  readonly removedAt: string;
  readonly removedBy: string;
  readonly reason: string;
  readonly until: string;
}

export interface Undeleted {
  /** How many files are back. */
  readonly restored: number;
  readonly revision: number;
}

/** A removed repository that can be brought back. */
export interface RemovedRepository extends RepositoryId {
  readonly id: number;
  readonly visibility: Visibility;
  readonly files: number;
  readonly removedAt: string;
  readonly removedBy: string;
  readonly until: string;
}

/** A version that a repository's rules do not keep. */
export interface ExpiredVersion {
  readonly package: string;
  readonly version: string;
  readonly files: number;
  readonly size: number;
  readonly publishedAt: string;
  /** Why no rule keeps it. */
  readonly reason: string;
}

export interface RetentionResult {
  readonly versions: number;
  readonly files: number;
  readonly size: number;
  /** The revisions that removed them: one, unless there was very much. */
  readonly revisions: readonly number[];
  readonly undoUntil: string;
}

export interface RevisionRecord {
  readonly number: number;
  readonly actor: string;
  readonly reason: string;
  readonly at: string;
}

export interface TokenScope {
  /** A glob over FORMAT/NAME. */
  readonly repository: string;
  readonly actions: readonly TokenAction[];
}

export interface NewToken {
  readonly name: string;
  /** Whose token it is; left out, the caller. */
  readonly user?: string;
  readonly scopes: readonly TokenScope[];
  readonly expiresAt?: string;
}

export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly scopes: readonly TokenScope[];
  /** The secret's first characters, to recognise it by. */
  readonly hint: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
  readonly lastUsedAt?: string;
}

export interface CreatedToken extends TokenRecord {
  /** The secret: shown this one time. */
  readonly token: string;
}

export interface Identity {
  readonly name: string;
  readonly kind: 'anonymous' | 'user';
  readonly scopes: readonly TokenScope[];
}

export interface EventRecord {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly repository?: string;
  readonly subject?: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly requestId?: string;
  readonly address?: string;
}

/** A key that signs a repository's indices. */
export interface SigningKeyRecord {
  /** 40 hexadecimal digits. */
  readonly fingerprint: string;
  /** Armored. */
  readonly publicKey: string;
  readonly createdAt: string;
  readonly createdBy: string;
  /** Since when it signs no longer. */
  readonly retiredAt?: string;
}

export interface NewSigningKey {
  /** An armored OpenPGP secret key; left out, a new one is made. */
  readonly key?: string;
  readonly passphrase?: string;
  /** Let the present keys sign no longer; else all of them sign together. */
  readonly retireOthers?: boolean;
}

/** A part of a repository that has an index of its own: apt's distribution. */
export interface IndexRecord {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface CopyRequest {
  readonly package: string;
  /** Left out, the newest one in `from`. */
  readonly version?: string;
  readonly file?: string;
  readonly from: string;
  /** For apt: another component. */
  readonly component?: string;
}

export interface CopyResult {
  readonly version: string;
  readonly copied: number;
  readonly unchanged: number;
  readonly revision: number;
}

/** A file that waits for the one that says what it belongs to. */
export interface WaitingUpload {
  /** FORMAT/NAME. */
  readonly repository: string;
  readonly result: 'pending';
  readonly file: { readonly name: string; readonly size: number; readonly sha256: string };
}

/** Many files that were published together. */
export interface ArchiveResult {
  /** FORMAT/NAME. */
  readonly repository: string;
  readonly created: number;
  readonly replaced: number;
  readonly unchanged: number;
  readonly revision: number;
}

export interface UploadResult {
  /** FORMAT/NAME. */
  readonly repository: string;
  readonly package: string;
  readonly version: string;
  /** `unchanged`: the same bytes were there already. */
  readonly result: 'created' | 'replaced' | 'unchanged';
  readonly file: { readonly name: string; readonly size: number; readonly sha256: string; readonly url: string };
  readonly revision: number;
}

/** One page of a list; `next` is where the following page begins. */
export interface ItemPage<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}
