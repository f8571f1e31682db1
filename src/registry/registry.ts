import type { RepositoryRef } from '../model/repository-ref.ts';
import type { DocumentCache } from './document-cache.ts';
import type {
  Actor,
  Alias,
  ByteRange,
  ByteSource,
  ObjectBody,
  Package,
  PackageStatus,
  PublishOutcome,
  PublishRequest,
  Repository,
  RepositorySettings,
  Revision,
  StagedObject,
  StageOptions,
  StoredFile,
} from './model.ts';

export interface Page {
  /** Only what sorts after this name. */
  readonly after?: string;
  readonly limit: number;
}

/** The domain, as formats, the API and the pages use it. Rights are checked by the caller (`permissions.ts`) before. */
export interface Registry {
  /** Rendered index documents, kept by the revision that they show. */
  readonly documents: DocumentCache;

  repository(ref: RepositoryRef): Promise<Repository | undefined>;
  repositories(format?: string): Promise<readonly Repository[]>;
  createRepository(ref: RepositoryRef, settings: Partial<RepositorySettings>, actor: Actor): Promise<Repository>;
  updateRepository(ref: RepositoryRef, settings: Partial<RepositorySettings>, actor: Actor): Promise<Repository>;
  removeRepository(ref: RepositoryRef, actor: Actor): Promise<void>;

  /** Makes one file visible in one transaction; creates the repository if it is not there. The result is durable. */
  publish(request: PublishRequest): Promise<PublishOutcome>;
  /** Takes files out of the repository in one revision; returns how many. */
  remove(repository: Repository, files: readonly StoredFile[], actor: Actor, reason?: string): Promise<number>;
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

  /** Packages by name. */
  packages(repository: Repository, page: Page): Promise<readonly Package[]>;
  /** Every package's name, in order: for root indices. */
  packageNames(repository: Repository): Promise<readonly string[]>;
  package(repository: Repository, name: string): Promise<Package | undefined>;
  /** A package's files, or one version's, in order of arrival. */
  files(repository: Repository, packageName: string, version?: string): Promise<readonly StoredFile[]>;
  /** The file at this path now. Cheap: the hot path of every download. */
  fileAt(repository: Repository, path: string): Promise<StoredFile | undefined>;
  /** A document that belongs to a file, e.g. `METADATA`. */
  sidecar(file: StoredFile, name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;

  aliases(repository: Repository, packageName: string): Promise<readonly Alias[]>;
  setAlias(repository: Repository, alias: Alias, actor: Actor): Promise<void>;
  removeAlias(repository: Repository, packageName: string, name: string, actor: Actor): Promise<boolean>;
  revisions(repository: Repository, limit: number): Promise<readonly Revision[]>;

  stage(source: ByteSource, options?: StageOptions): Promise<StagedObject>;
  openFile(file: StoredFile, range?: ByteRange): ObjectBody | Promise<ObjectBody>;
}
