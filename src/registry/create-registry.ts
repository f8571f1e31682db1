import type { Database } from '../database/database.ts';
import { findAlias, listAliases, listAliasNames } from '../database/queries/aliases.ts';
import { listCatalog } from '../database/queries/catalog.ts';
import {
  findBlob,
  findFileAt,
  findFileWithBytes,
  findSidecar,
  listFiles,
  listVersions,
} from '../database/queries/files.ts';
import { hasPackageBlobs } from '../database/queries/package-blobs.ts';
import { findPackage, listPackageNames, listPackages } from '../database/queries/packages.ts';
import { findRepository, listRepositories, listRevisions } from '../database/queries/repositories.ts';
import { notFound } from '../model/errors.ts';
import { type ObjectStore, stagesBatches } from '../storage/object-store.ts';
import { Access } from './access.ts';
import * as changes from './changes.ts';
import type { RegistryContext } from './context.ts';
import { DocumentCache } from './document-cache.ts';
import { Indexes, type IndexesOptions } from './indexes/indexes.ts';
import * as blobs from './package-blobs.ts';
import { findPending, keepPending } from './pending.ts';
import { publish, publishAll } from './publish.ts';
import { ReadCache } from './read-cache.ts';
import { findNaming, findReferrers } from './referrers.ts';
import type { Registry } from './registry.ts';
import * as repositories from './repositories.ts';
import * as retention from './retention.ts';
import { toPackage, toRepository, toStoredFile } from './rows.ts';
import { search } from './search.ts';
import { SharedDocuments } from './shared-documents.ts';
import { SecretBox } from './signing/secret-box.ts';
import { SigningKeys, type SigningOptions } from './signing/signing-keys.ts';
import { listDeletedFiles, undelete } from './undelete.ts';
import { UploadSessions } from './upload-sessions.ts';

/** How long what is deleted can be brought back, where nobody says it: a week. */
const GRACE = 7 * 86_400_000;
const INDEXES: IndexesOptions = { memoryBytes: 128 * 1024 * 1024, keep: 6 * 3_600_000 };

export interface RegistryOptions {
  readonly database: Database;
  readonly store: ObjectStore;
  /** Memory for rendered index documents, in bytes. */
  readonly documentCacheBytes?: number;
  readonly now?: () => number;
  /** How long what is deleted can be brought back, in milliseconds. */
  readonly grace?: number;
  /** Whether a repository that an upload makes stays in view when it is empty. */
  readonly keepEmpty?: boolean;
  /** Left out, it is the one that was published last. */
  readonly newestVersions?: RegistryContext['newestVersions'];
  /** Left out, no format's do. */
  readonly linksVersions?: RegistryContext['linksVersions'];
  readonly indexes?: IndexesOptions;
  /** How indices are signed; left out, no format signs. */
  readonly signing?: SigningOptions;
}

const UNSIGNED: SigningOptions = {
  secretBox: async () => new SecretBox(crypto.randomUUID() + crypto.randomUUID()),
  algorithm: 'ed25519',
  signs: () => false,
};

/** Puts the domain together over a database and an object store. */
export function createRegistry(options: RegistryOptions): { registry: Registry; access: Access } {
  const { database, store } = options;
  const cache = new ReadCache(() => database.changeStamp());
  const context: RegistryContext = {
    database,
    store,
    cache,
    now: options.now ?? Date.now,
    grace: options.grace ?? GRACE,
    keepEmpty: options.keepEmpty ?? false,
    newestVersions: options.newestVersions ?? (() => new Set()),
    linksVersions: options.linksVersions ?? (() => false),
  };
  const { read } = database;
  const findPackageCached = (repositoryId: number, name: string) =>
    cache.get(`package:${repositoryId}:${name}`, () => findPackage(read, repositoryId, name));

  const signingKeys = new SigningKeys(context, options.signing ?? UNSIGNED);

  const registry: Registry = {
    documents: new DocumentCache(
      options.documentCacheBytes ?? 32 * 1024 * 1024,
      database.shared ? new SharedDocuments(database, store, context.now) : undefined,
    ),

    indexes: new Indexes(context, signingKeys, options.indexes ?? INDEXES),
    signingKeys,

    grace: context.grace,

    repository: async (ref, { evenEmpty = false } = {}) => {
      const row = await cache.get(`repository:${ref.format}/${ref.name}`, () => findRepository(read, ref));
      const found = row && toRepository(row);
      return found && (evenEmpty || repositories.isInView(found)) ? found : undefined;
    },
    repositories: async (format) => (await listRepositories(read, format)).map(toRepository),
    createRepository: (ref, settings, actor) =>
      repositories.createRepository(context, ref, settings, actor, signingKeys),
    updateRepository: (ref, settings, actor) => repositories.updateRepository(context, ref, settings, actor),
    removeRepository: (ref, actor) => repositories.removeRepository(context, ref, actor),

    removedRepositories: (filter) => repositories.listRemoved(context, filter),
    undeleteRepository: (id, actor) => repositories.undeleteRepository(context, id, actor),

    publish: (request) => publish(context, signingKeys, request),
    publishAll: (request) => publishAll(context, signingKeys, request),
    keepPending: (request) => keepPending(context, signingKeys, request),
    pending: (repository, names) => findPending(context, repository, names),
    remove: (repository, files, actor, reason) => changes.removeFiles(context, repository, files, actor, reason),
    removePackage: (repository, name, actor) => changes.removePackage(context, repository, name, actor),
    deletedFiles: (repository, target, page) => listDeletedFiles(context, repository, target, page),
    undelete: (repository, target, actor) => undelete(context, repository, target, actor),

    retentionPreview: (repository, page) => retention.previewRetention(context, repository, page),
    applyRetention: (repository, actor) => retention.applyRetention(context, repository, actor),
    applyRetentionEverywhere: (actor, check) => retention.applyRetentionEverywhere(context, actor, check),

    yank: (repository, target, reason, actor) => changes.yankFiles(context, repository, target, reason, actor),
    setPackageStatus: (repository, name, status, reason, actor) =>
      changes.setPackageStatus(context, repository, name, status, reason, actor),

    search: (request) => search(read, request),
    packages: async (repository, page) => (await listPackages(read, repository.id, page)).map(toPackage),
    packageNames: (repository) => listPackageNames(read, repository.id),
    package: async (repository, name) => {
      const row = await findPackageCached(repository.id, name);
      return row && row.file_count > 0 ? toPackage(row) : undefined;
    },
    versions: async (repository, packageName) => {
      const pkg = await findPackageCached(repository.id, packageName);
      return pkg ? listVersions(read, pkg.id) : [];
    },
    files: async (repository, packageName, versions) => {
      const pkg = await findPackageCached(repository.id, packageName);
      return pkg ? (await listFiles(read, pkg.id, versions)).map(toStoredFile) : [];
    },
    fileAt: async (repository, path) => {
      const find = async () => {
        const row = await findFileAt(read, repository.id, path);
        return { file: row && toStoredFile(row), size: row?.metadata_json.length ?? 0 };
      };
      const found = await cache.get(`file:${repository.id}:${path}`, find, ({ size }) => size);
      return found.file;
    },
    fileWithBytes: async (repository, sha256) => {
      const row = await findFileWithBytes(read, repository.id, sha256.hex);
      return row && toStoredFile(row);
    },
    sidecar: async (file, name) => {
      const content = await findSidecar(read, file.id, name);
      return content && new Uint8Array(content);
    },

    aliases: async (repository, packageName) => {
      const pkg = await findPackageCached(repository.id, packageName);
      const rows = pkg ? await listAliases(read, pkg.id) : [];
      return rows.map((row) => ({ package: packageName, name: row.name, target: row.target }));
    },
    aliasTarget: (repository, packageName, name) =>
      cache.get(`alias:${repository.id}:${packageName}:${name}`, async () => {
        const pkg = await findPackageCached(repository.id, packageName);
        return pkg && (await findAlias(read, pkg.id, name))?.target;
      }),
    aliasNames: async (repository, packageName, page) => {
      const pkg = await findPackageCached(repository.id, packageName);
      return pkg ? listAliasNames(read, pkg.id, { after: page.after ?? '', limit: page.limit }) : [];
    },
    setAlias: (repository, alias, actor) => changes.setAlias(context, repository, alias, actor),
    removeAlias: (repository, packageName, name, actor) =>
      changes.removeAlias(context, repository, packageName, name, actor),
    hasPackage: async (repository, name) => {
      const pkg = await findPackageCached(repository.id, name);
      return pkg !== undefined && (pkg.file_count > 0 || (await hasPackageBlobs(read, pkg.id)));
    },
    catalog: (format, page) => listCatalog(read, format, page),
    referrers: async (repository, packageName, digest, page) => {
      const pkg = await findPackageCached(repository.id, packageName);
      return pkg ? findReferrers(read, pkg.id, digest, page) : { items: [], more: false };
    },
    referring: async (repository, packageName, digest, versions) => {
      const pkg = await findPackageCached(repository.id, packageName);
      return pkg ? findNaming(read, pkg.id, digest, versions) : new Set();
    },

    uploads: new UploadSessions(context, signingKeys),
    addBlob: (target, digest, bytes) => blobs.addPackageBlob(context, signingKeys, target, { digest, bytes }),
    blob: (repository, packageName, digest) => blobs.packageBlob(context, repository, packageName, digest),
    placesOfDigest: (format, digest) => blobs.placesOfDigest(context, format, digest),
    removeBlob: (repository, packageName, digest, actor) =>
      blobs.removePackageBlob(context, repository, packageName, digest, actor),

    revisions: (repository, limit) => listRevisions(read, repository.id, limit),

    stage: (source, stageOptions) => store.stage(source, stageOptions),
    stageBatch: (digests) =>
      stagesBatches(store) ? store.stageBatch(digests) : { stage: (bytes) => store.stage([bytes], { digests }) },
    stageStored: async (sha256) => {
      const blob = await findBlob(read, sha256);
      if (!blob) throw notFound(`there are no bytes sha256:${sha256}`);
      const body = await store.open(blob.storage_key);
      return store.stage(body instanceof Blob ? body.stream() : body);
    },
    openFile: (file, range) => store.open(file.storageKey, range),
  };
  return { registry, access: new Access(context) };
}
