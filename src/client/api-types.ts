/** What the server's JSON API takes and gives. Times are ISO 8601 texts, sizes are bytes. */

export type Visibility = 'default' | 'public' | 'private';
export type WritePolicy = 'immutable' | 'overwrite';
export type TokenAction = 'read' | 'write' | 'delete' | 'promote' | 'admin';
export type PackageStatus = 'active' | 'archived' | 'quarantined' | 'deprecated';

export interface RepositoryId {
  readonly format: string;
  readonly name: string;
}

export interface RepositorySettings {
  readonly visibility: Visibility;
  readonly writePolicy: WritePolicy;
}

export interface RepositoryRecord extends RepositoryId, RepositorySettings {
  readonly revision: number;
  readonly createdAt: string;
}

export interface PackageSummary {
  readonly name: string;
  readonly displayName: string;
  readonly status: PackageStatus;
  readonly statusReason: string;
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
