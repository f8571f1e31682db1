import type { CatalogEntry, CatalogPage } from '../database/queries/catalog.ts';
import type { Digest, DigestAlgorithm } from '../model/digest.ts';
import type { RepositoryRef } from '../model/repository-ref.ts';
import type { DocumentCache } from './document-cache.ts';
import type { Indexes } from './indexes/indexes.ts';
import type {
  Actor,
  Alias,
  ByteRange,
  ByteSource,
  DeletedFile,
  ExpiredVersion,
  KnownBytes,
  ObjectBody,
  Package,
  PackageBlob,
  PackageStatus,
  PendingFile,
  PublishAllRequest,
  PublishOutcome,
  PublishRequest,
  RemovedRepository,
  Repository,
  RepositoryChange,
  RetentionOutcome,
  Revision,
  ServedFile,
  StageBatch,
  StagedObject,
  StageOptions,
  StoredFile,
  UndeleteTarget,
} from './model.ts';
import type { BlobTarget, DigestPlace } from './package-blobs.ts';
import type { PendingRequest } from './pending.ts';
import type { ReferrersPart } from './referrers.ts';
import type { RetentionRun } from './retention.ts';
import type { Search, SearchResult } from './search.ts';
import type { SigningKeys } from './signing/signing-keys.ts';
import type { UploadSessions } from './upload-sessions.ts';

export interface Page {
  /** Only what sorts after this name. */
  readonly after?: string;
  readonly limit: number;
}

/** The domain, as formats, the API and the pages use it. Rights are checked by the caller (`permissions.ts`) before. */
export interface Registry {
  /** Rendered index documents, kept by the revision that they show. */
  readonly documents: DocumentCache;

  /** Indices that come in generations and are signed. */
  readonly indexes: Indexes;

  /** The keys that sign them. */
  readonly signingKeys: SigningKeys;

  /** How long what is deleted can be brought back, in milliseconds. */
  readonly grace: number;

  /** @param options.evenEmpty also one that is out of view because it is empty (`isInView`) */
  repository(ref: RepositoryRef, options?: { readonly evenEmpty?: boolean }): Promise<Repository | undefined>;
  repositories(format?: string): Promise<readonly Repository[]>;
  createRepository(ref: RepositoryRef, settings: RepositoryChange, actor: Actor): Promise<Repository>;
  updateRepository(ref: RepositoryRef, settings: RepositoryChange, actor: Actor): Promise<Repository>;
  removeRepository(ref: RepositoryRef, actor: Actor): Promise<void>;
  /** Removed repositories that can be brought back, the last removed first. */
  removedRepositories(filter: {
    readonly format?: string;
    readonly name?: string;
    readonly id?: number;
  }): Promise<readonly RemovedRepository[]>;
  undeleteRepository(id: number, actor: Actor): Promise<Repository>;

  /** Makes one file visible in one transaction; creates the repository if it is not there. The result is durable. */
  publish(request: PublishRequest): Promise<PublishOutcome>;
  /** Makes several files visible in one revision, or none of them; the outcomes come in the order of the items. */
  publishAll(request: PublishAllRequest): Promise<readonly PublishOutcome[]>;
  /** Keeps a file, durably but unseen, until one comes that says what it belongs to: see `PublishAllRequest.pending`. */
  keepPending(request: PendingRequest): Promise<void>;
  /** Files that wait, by their names; there may be several of one name. */
  pending(repository: Repository, names: readonly string[]): Promise<readonly PendingFile[]>;
  /** Takes files out of the repository in one revision; returns how many. */
  remove(repository: Repository, files: readonly StoredFile[], actor: Actor, reason?: string): Promise<number>;
  /** Takes a package with everything in it out of the repository; returns how many files that were. */
  removePackage(repository: Repository, name: string, actor: Actor): Promise<number>;
  /** Deleted files that can be brought back, the last deleted first; `before` is the one that the page before ended with. */
  deletedFiles(
    repository: Repository,
    target: UndeleteTarget,
    page: { readonly before?: Pick<DeletedFile, 'revision' | 'id'>; readonly limit: number },
  ): Promise<readonly DeletedFile[]>;
  /** Brings deleted files back; returns how many, and the revision in which they came. */
  undelete(
    repository: Repository,
    target: UndeleteTarget,
    actor: Actor,
  ): Promise<{ readonly count: number; readonly revision: number }>;

  /** What the repository's rules would take away now, by package. */
  retentionPreview(
    repository: Repository,
    page: Page,
  ): Promise<{ readonly items: readonly ExpiredVersion[]; readonly next?: string }>;
  applyRetention(repository: Repository, actor: Actor): Promise<RetentionOutcome>;
  /** The same wherever there are rules; returns where something was taken away. */
  applyRetentionEverywhere(actor: Actor, check?: () => void): Promise<readonly RetentionRun[]>;

  /** Yanks (a reason, may be empty) or un-yanks (`undefined`) the files of one version, or one file of it. */
  yank(
    repository: Repository,
    target: { readonly package: string; readonly version: string; readonly fileName?: string },
    reason: string | undefined,
    actor: Actor,
  ): Promise<number>;
  setPackageStatus(
    repository: Repository,
    name: string,
    status: PackageStatus,
    reason: string,
    actor: Actor,
  ): Promise<void>;

  /** Finds packages by a part of their names. */
  search(request: Search): Promise<SearchResult>;
  /** Packages by name. */
  packages(repository: Repository, page: Page): Promise<readonly Package[]>;
  /** Every package's name, in order: for root indices. */
  packageNames(repository: Repository): Promise<readonly string[]>;
  package(repository: Repository, name: string): Promise<Package | undefined>;
  /** A package's versions that have files, in no order. */
  versions(repository: Repository, packageName: string): Promise<readonly string[]>;
  /** A package's files, or those of some versions, in order of arrival. */
  files(
    repository: Repository,
    packageName: string,
    versions?: string | readonly string[],
  ): Promise<readonly StoredFile[]>;
  /** The file at this path now. Cheap: the hot path of every download. */
  fileAt(repository: Repository, path: string): Promise<StoredFile | undefined>;
  /** A file with these bytes, wherever in the repository it is and whatever it is called. */
  fileWithBytes(repository: Repository, sha256: Digest): Promise<StoredFile | undefined>;
  /** A document that belongs to a file, e.g. `METADATA`. */
  sidecar(file: StoredFile, name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;

  aliases(repository: Repository, packageName: string): Promise<readonly Alias[]>;
  setAlias(repository: Repository, alias: Alias, actor: Actor): Promise<void>;
  removeAlias(repository: Repository, packageName: string, name: string, actor: Actor): Promise<boolean>;
  /** Where an alias points now: cheap, for downloads. */
  aliasTarget(repository: Repository, packageName: string, name: string): Promise<string | undefined>;
  /** Names of aliases, in order. */
  aliasNames(repository: Repository, packageName: string, page: Page): Promise<readonly string[]>;

  /** Whether a package has anything in it: files, or bytes of its own. */
  hasPackage(repository: Repository, name: string): Promise<boolean>;
  /** Packages with anything in them, of all repositories of a format, by repository and name. */
  catalog(format: string, page: CatalogPage): Promise<readonly CatalogEntry[]>;
  /** Versions of a package that name this one as their subject, in order of their digests: not more than memory takes. */
  referrers(repository: Repository, packageName: string, digest: string, page: Page): Promise<ReferrersPart>;
  /** Those of these versions that name this one as their subject. */
  referring(
    repository: Repository,
    packageName: string,
    digest: string,
    versions: readonly string[],
  ): Promise<ReadonlySet<string>>;

  /** Uploads that come in several requests. */
  readonly uploads: UploadSessions;
  /** Makes bytes a package's own; creates repository and package if they are not there. The result is durable. */
  addBlob(target: BlobTarget, digest: string, bytes: StagedObject | KnownBytes): Promise<void>;
  /** The bytes that a package has under this digest. Cheap: the hot path of every pull. */
  blob(repository: Repository, packageName: string, digest: string): Promise<PackageBlob | undefined>;
  /** Every package of a format that has these bytes. */
  placesOfDigest(format: string, digest: string): AsyncIterable<DigestPlace>;
  /** Takes bytes from a package; false when it did not have them. */
  removeBlob(repository: Repository, packageName: string, digest: string, actor: Actor): Promise<boolean>;

  revisions(repository: Repository, limit: number): Promise<readonly Revision[]>;

  stage(source: ByteSource, options?: StageOptions): Promise<StagedObject>;
  /** The same for many small files, which become durable together. */
  stageBatch(digests?: readonly DigestAlgorithm[]): StageBatch;
  /** Bytes that are in the store, once more as a local file: for parsers. @param sha256 in hexadecimal digits */
  stageStored(sha256: string): Promise<StagedObject>;
  openFile(file: Pick<ServedFile, 'storageKey'>, range?: ByteRange): ObjectBody | Promise<ObjectBody>;
}
