import { DXFBase, notBuilt } from './dxf-base.ts';
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

/** One repository of a registry. Method names are those of the Python module of the same name. */
export class DXF extends DXFBase {
  readonly repo: string;

  constructor(host: string, repo: string, auth?: DXFAuth, options?: DXFOptions) {
    super(host, auth, options);
    this.repo = repo;
  }

  /** The same host, settings and credentials for a repository. */
  static fromBase(base: DXFBase, repo: string): DXF {
    return new DXF(base.host, repo, undefined, base.options);
  }

  /**
   * Uploads a file, or data whose digest is known.
   * @returns the digest
   */
  pushBlob(fileName: string, options?: DXFPushOptions): Promise<string>;
  pushBlob(data: DXFData, options: DXFPushOptions & { readonly digest: string }): Promise<string>;
  pushBlob(_what: string | DXFData, _options?: DXFPushOptions & { readonly digest?: string }): Promise<string> {
    throw notBuilt();
  }

  /** The bytes of a blob. What was read is right only when the end has come without an error. */
  pullBlob(digest: string, options?: DXFPullOptions): AsyncIterable<Uint8Array>;
  /** Together with the size; asks the registry at once. */
  pullBlob(
    digest: string,
    options: DXFPullOptions & { readonly size: true },
  ): Promise<readonly [AsyncIterable<Uint8Array>, size: number]>;
  pullBlob(
    _digest: string,
    _options?: DXFPullOptions & { readonly size?: boolean },
  ): AsyncIterable<Uint8Array> | Promise<readonly [AsyncIterable<Uint8Array>, number]> {
    throw notBuilt();
  }

  blobSize(_digest: string): Promise<number> {
    throw notBuilt();
  }

  /** @returns the digest; throws DXFMountFailed */
  mountBlob(_fromRepo: string, _digest: string): Promise<string> {
    throw notBuilt();
  }

  delBlob(_digest: string): Promise<void> {
    throw notBuilt();
  }

  /** The manifest of an alias for these blobs, as text; asks the registry for their sizes. */
  makeManifest(..._digests: readonly string[]): Promise<string> {
    throw notBuilt();
  }

  setManifest(_alias: string, _manifest: string): Promise<void> {
    throw notBuilt();
  }

  /** @returns the manifest that was made */
  setAlias(_alias: string, ..._digests: readonly string[]): Promise<string> {
    throw notBuilt();
  }

  /** Exactly as the registry has it; for multi-arch aliases one for each platform. */
  getManifest(_alias: string, _options?: { readonly platform?: string }): Promise<string | DXFPerPlatform<string>> {
    throw notBuilt();
  }

  getManifestAndResponse(_alias: string): Promise<readonly [manifest: string, response: Response]> {
    throw notBuilt();
  }

  headManifestAndResponse(_alias: string): Promise<readonly [digest: string | undefined, response: Response]> {
    throw notBuilt();
  }

  /** The digests of an alias's blobs; for multi-arch aliases those of each platform. */
  getAlias(
    alias: string | undefined,
    options: DXFReadOptions & { readonly sizes: true },
  ): Promise<readonly DXFSized[] | DXFPerPlatform<readonly DXFSized[]>>;
  getAlias(alias?: string, options?: DXFReadOptions): Promise<readonly string[] | DXFPerPlatform<readonly string[]>>;
  getAlias(
    _alias?: string,
    _options?: DXFReadOptions & { readonly sizes?: boolean },
  ): Promise<readonly (string | DXFSized)[] | DXFPerPlatform<readonly (string | DXFSized)[]>> {
    throw notBuilt();
  }

  /** The digest of the configuration: for an alias made here that of its first blob. */
  getDigest(_alias?: string, _options?: DXFReadOptions): Promise<string | DXFPerPlatform<string>> {
    throw notBuilt();
  }

  /** Deletes the manifest, and so every alias of it. @returns what it pointed to; for multi-arch aliases the manifests' digests */
  delAlias(_alias: string): Promise<readonly string[] | DXFPerPlatform<string>> {
    throw notBuilt();
  }

  listAliases(_options?: DXFListOptions): Promise<string[]> {
    throw notBuilt();
  }

  iterateAliases(_options?: DXFListOptions): AsyncIterable<string> {
    throw notBuilt();
  }
}
