import { type BlobRecord, deleteBlob, mountBlob, statBlob } from '../oci/blobs.ts';
import { deleteManifest, requestManifest } from '../oci/manifests.ts';
import { DOCKER_LIST, DOCKER_MANIFEST, DOCKER_SCHEMA1, OCI_INDEX, OCI_MANIFEST } from '../oci/media-types.ts';
import { nameAt } from '../oci/names.ts';
import { names } from '../oci/pages.ts';
import { type Place, pathIn, scopeOf } from '../oci/place.ts';
import { type PulledBlob, pullBlob } from '../oci/pull-blob.ts';
import { pushBlob } from '../oci/push-blob.ts';
import { putManifest } from '../oci/put-manifest.ts';
import { RegistryError, RegistryNotFoundError } from '../oci/registry-error.ts';
import { aliasManifest } from './alias-manifest.ts';
import { fullDigest } from './digests.ts';
import { collect, DXFBase } from './dxf-base.ts';
import { DXFMountFailed } from './dxf-errors.ts';
import type {
  DXFAuth,
  DXFData,
  DXFListOptions,
  DXFOptions,
  DXFPerPlatform,
  DXFPullOptions,
  DXFPushOptions,
  DXFReadOptions,
  DXFSized,
} from './dxf-options.ts';
import { bytesOf, dataToPush, fileToPush } from './dxf-transfer.ts';
import { type FetchedManifest, fetchManifest } from './fetch-manifest.ts';
import { blobsOf, configOf, type ManifestText, readAlias, readSingle, sizedBlobsOf } from './read-alias.ts';

const ACCEPT = [DOCKER_SCHEMA1, DOCKER_MANIFEST, DOCKER_LIST, OCI_MANIFEST, OCI_INDEX];

/**
 * One repository of a registry, as a store of blobs with aliases. Method names are those of the Python module `dxf`. Digests are
 * `sha256:<hex>`; the bare hex of its first versions is taken as well.
 */
export class DXF extends DXFBase {
  readonly repo: string;
  readonly #place: Place;

  /** @param repo on Docker Hub, one of a single part is meant below `library/` */
  constructor(host: string, repo: string, auth?: DXFAuth, options?: DXFOptions) {
    super(host, auth, options);
    this.repo = repo;
    this.#place = { connection: this.connection, name: nameAt(this.connection.registry.hostname, repo) };
  }

  /** The same host, settings and login for a repository. */
  static fromBase(base: DXFBase, repo: string): DXF {
    const dxf = new DXF(base.host, repo, base.auth, base.options);
    dxf.copyLogin(base);
    return dxf;
  }

  /**
   * Uploads a file, or data whose digest is known.
   * @returns the digest
   */
  pushBlob(fileName: string, options?: DXFPushOptions): Promise<string>;
  pushBlob(data: DXFData, options: DXFPushOptions & { readonly digest: string }): Promise<string>;
  async pushBlob(what: string | DXFData, options: DXFPushOptions & { readonly digest?: string } = {}): Promise<string> {
    const { progress, checkExists, chunkSize } = options;
    const { digest, source } =
      typeof what === 'string' ? await fileToPush(what, options) : dataToPush(what, options.digest, progress);
    const pushed = pushBlob(this.#place, source, { digest, chunkSize, skipExisting: checkExists });
    return (await this.settle(pushed)).digest;
  }

  /** The bytes of a blob. What was read is right only when the end has come without an error. */
  pullBlob(digest: string, options?: DXFPullOptions): AsyncIterable<Uint8Array>;
  /** Together with the size; asks the registry at once. */
  pullBlob(
    digest: string,
    options: DXFPullOptions & { readonly size: true },
  ): Promise<readonly [AsyncIterable<Uint8Array>, size: number]>;
  pullBlob(
    digest: string,
    options: DXFPullOptions & { readonly size?: boolean } = {},
  ): AsyncIterable<Uint8Array> | Promise<readonly [AsyncIterable<Uint8Array>, number]> {
    const open = () => this.settle(pullBlob(this.#place, fullDigest(digest)));
    return options.size ? this.#pullSized(open, options) : this.settleAll(bytesOf(open, options.chunkSize));
  }

  async blobSize(digest: string): Promise<number> {
    return (await this.#stat(fullDigest(digest))).size;
  }

  /** Takes a blob over from another repository. @returns the digest @throws DXFMountFailed */
  async mountBlob(repo: string, digest: string): Promise<string> {
    const isMounted = await this.settle(mountBlob(this.#place, fullDigest(digest), repo));
    if (!isMounted) throw new DXFMountFailed();
    return fullDigest(digest);
  }

  async delBlob(digest: string): Promise<void> {
    await this.settle(deleteBlob(this.#place, fullDigest(digest)));
  }

  /** The manifest of an alias for these blobs, as text; asks the registry for their sizes. */
  async makeManifest(...digests: readonly string[]): Promise<string> {
    if (digests.length === 0) throw new RegistryError('invalid_request', 'an alias needs at least one blob');
    return aliasManifest(await Promise.all(digests.map((digest) => this.#stat(fullDigest(digest)))));
  }

  /** Gives a name to a manifest, which is stored as it is. */
  async setManifest(alias: string, manifest: string): Promise<void> {
    const target = alias.includes(':') ? { digest: alias } : { tags: [alias] };
    await this.settle(putManifest(this.#place, manifest, target));
  }

  /** Gives a name to blobs. @returns the manifest that was made */
  async setAlias(alias: string, ...digests: readonly string[]): Promise<string> {
    const manifest = await this.makeManifest(...digests);
    await this.setManifest(alias, manifest);
    return manifest;
  }

  /** Exactly as the registry has it; for multi-arch aliases one for each platform. */
  getManifest(alias: string, options: { readonly platform?: string } = {}): Promise<string | DXFPerPlatform<string>> {
    return this.#read(alias, options, (_manifest, text) => text);
  }

  /** The body of the response has been read. */
  async getManifestAndResponse(alias: string): Promise<readonly [manifest: string, response: Response]> {
    const { text, response } = await this.#fetch(alias);
    return [text, response];
  }

  async headManifestAndResponse(alias: string): Promise<readonly [digest: string | undefined, response: Response]> {
    const response = await this.settle(requestManifest(this.#place, 'HEAD', alias, { accept: ACCEPT }));
    return [response.headers.get('docker-content-digest') ?? undefined, response];
  }

  /** The digests of an alias's blobs, with `sizes` together with theirs; for multi-arch aliases those of each platform. */
  getAlias(
    alias: string | undefined,
    options: DXFReadOptions & { readonly sizes: true },
  ): Promise<readonly DXFSized[] | DXFPerPlatform<readonly DXFSized[]>>;
  getAlias(alias?: string, options?: DXFReadOptions): Promise<readonly string[] | DXFPerPlatform<readonly string[]>>;
  getAlias(
    alias?: string,
    options: DXFReadOptions & { readonly sizes?: boolean } = {},
  ): Promise<readonly (string | DXFSized)[] | DXFPerPlatform<readonly (string | DXFSized)[]>> {
    const pick: (manifest: unknown) => (string | DXFSized)[] = options.sizes ? sizedBlobsOf : blobsOf;
    return this.#read(alias, options, pick);
  }

  /** The digest of the configuration: for an alias made here that of its first blob. */
  getDigest(alias?: string, options: DXFReadOptions = {}): Promise<string | DXFPerPlatform<string>> {
    return this.#read(alias, options, configOf);
  }

  /**
   * Deletes the manifest, and so every alias of it; not the blobs.
   * @returns what it pointed to; for multi-arch aliases the digest of each platform's manifest
   */
  async delAlias(alias: string): Promise<readonly string[] | DXFPerPlatform<string>> {
    const found = await this.#fetch(alias);
    const reader = {
      pick: (manifest: unknown): readonly string[] | string => blobsOf(manifest),
      pickEntry: async (digest: string): Promise<readonly string[] | string> => digest,
    };
    const pointedTo = await readAlias(found, reader, undefined);
    await this.settle(deleteManifest(this.#place, found.digest));
    return pointedTo as readonly string[] | DXFPerPlatform<string>;
  }

  async listAliases(options?: DXFListOptions): Promise<string[]> {
    return collect(this.iterateAliases(options));
  }

  /** Like `listAliases`, asked for page by page. */
  iterateAliases(options: DXFListOptions = {}): AsyncIterable<string> {
    const scopes = [scopeOf(this.#place.name, 'pull')];
    const list = { key: 'tags', scopes, pageSize: options.batchSize };
    return this.settleAll(names(this.connection, pathIn(this.#place, 'tags/list'), list));
  }

  protected override scopeFor(actions: readonly string[]): string {
    return `repository:${this.#place.name}:${actions.join(',')}`;
  }

  protected override get usualScope(): string {
    return '';
  }

  async #read<T>(
    alias: string | undefined,
    options: DXFReadOptions,
    pick: (manifest: unknown, text: string) => T,
  ): Promise<T | DXFPerPlatform<T>> {
    const { manifest, platform } = options;
    if (alias === undefined && manifest === undefined) {
      throw new RegistryError('invalid_request', 'neither an alias nor a manifest was given');
    }
    const found: ManifestText = alias === undefined ? { text: manifest ?? '' } : await this.#fetch(alias);
    const pickEntry = async (digest: string) => readSingle(await this.#fetch(digest), pick);
    return readAlias(found, { pick, pickEntry }, platform);
  }

  #fetch(alias: string): Promise<FetchedManifest> {
    return this.settle(fetchManifest(this.#place, alias, ACCEPT));
  }

  async #stat(digest: string): Promise<BlobRecord> {
    const found = await this.settle(statBlob(this.#place, digest));
    if (found !== undefined) return found;
    throw new RegistryNotFoundError('BLOB_UNKNOWN', `there is no blob ${digest} in ${this.repo}`, { status: 404 });
  }

  async #pullSized(
    open: () => Promise<PulledBlob>,
    { chunkSize }: DXFPullOptions,
  ): Promise<readonly [AsyncIterable<Uint8Array>, number]> {
    const blob = await open();
    if (blob.size === undefined) {
      await blob.stream.cancel();
      throw new RegistryError('unexpected_answer', `the registry does not say how large ${blob.digest} is`);
    }
    return [this.settleAll(bytesOf(async () => blob, chunkSize)), blob.size];
  }
}
