import {
  basicCredentials,
  indexPath,
  packagePath,
  parseServerUrl,
  path,
  query,
  repositoryPath,
  versionPath,
} from './addresses.ts';
import { parseJson, refusal } from './answers.ts';
import type {
  AliasRecord,
  ArchiveResult,
  CopyRequest,
  CopyResult,
  CreatedToken,
  DeletedFile,
  DeletedTarget,
  EventRecord,
  ExpiredVersion,
  FoundPackages,
  Identity,
  IndexRecord,
  ItemPage,
  NewSigningKey,
  NewToken,
  PackageDetails,
  PackageStatus,
  PackageSummary,
  Removed,
  RemovedRepository,
  RepositoryChange,
  RepositoryId,
  RepositoryRecord,
  RetentionResult,
  RevisionRecord,
  SigningKeyRecord,
  TokenRecord,
  Undeleted,
  UploadResult,
  WaitingUpload,
} from './api-types.ts';
import { multipartForm, type UploadFile } from './multipart.ts';
import { type Fetch, send } from './send.ts';

export interface PackyardClientOptions {
  /** The server's address. A user name and password in it are sent as Basic credentials. */
  readonly url: string;
  readonly token?: string;
  readonly fetch?: Fetch;
  /** Ends every request of this client. */
  readonly signal?: AbortSignal;
  /** Waits between tries; replaced in tests. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

export interface UploadOptions {
  /** A format's id or older name: `pypi`, `generic`, `tar`. */
  readonly provider: string;
  readonly repository: string;
  /** Package and version; left out where the format can read them from the file. */
  readonly name?: string;
  readonly version?: string;
  readonly file: UploadFile;
  /** What a format asks for beside, e.g. apt's `dist`. */
  readonly fields?: Iterable<readonly [name: string, value: string]>;
  readonly onProgress?: (sentBytes: number) => void;
}

/** How long anything but an upload may take, in milliseconds. */
const REQUEST_TIMEOUT = 60_000;

interface Version {
  readonly package: string;
  readonly version: string;
  /** Only this file of the version. */
  readonly file?: string;
}

interface Removal extends Version {
  /** Only what is in this index, e.g. apt's distribution. */
  readonly index?: string;
}

/**
 * A Packyard server's API. Uses Web APIs only: runs on Node ≥ 20 and Bun.
 * Every method throws `PackyardClientError`.
 * @example
 * const client = new PackyardClient({ url: 'https://packages.example.com', token });
 * await client.upload({ provider: 'pypi', repository: 'tools', file });
 */
export class PackyardClient {
  /** Without credentials and without a slash at the end. */
  readonly url: string;
  readonly #authorization: string | undefined;
  readonly #fetch: Fetch;
  readonly #signal: AbortSignal | undefined;
  readonly #sleep: (milliseconds: number) => Promise<void>;

  constructor(options: PackyardClientOptions) {
    const url = parseServerUrl(options.url);
    this.#authorization = options.token ? `Bearer ${options.token}` : basicCredentials(url);
    url.username = '';
    url.password = '';
    this.url = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
    this.#fetch = options.fetch ?? ((address, init) => fetch(address, init));
    this.#signal = options.signal;
    this.#sleep = options.sleep ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  }

  whoami(): Promise<Identity> {
    return this.#json('GET', '/whoami');
  }

  repositories(format?: string): Promise<readonly RepositoryRecord[]> {
    return this.#items(`/repositories${query({ format })}`);
  }

  repository(id: RepositoryId): Promise<RepositoryRecord> {
    return this.#json('GET', repositoryPath(id));
  }

  createRepository(id: RepositoryId, settings: RepositoryChange = {}): Promise<RepositoryRecord> {
    return this.#json('POST', '/repositories', { format: id.format, name: id.name, ...settings });
  }

  updateRepository(id: RepositoryId, settings: RepositoryChange): Promise<RepositoryRecord> {
    return this.#json('PATCH', repositoryPath(id), settings);
  }

  /** Removes a repository with everything in it. */
  async removeRepository(id: RepositoryId): Promise<void> {
    await this.#request('DELETE', repositoryPath(id));
  }

  /** Removed repositories that the token may bring back, the last removed first. */
  removedRepositories(filter: Partial<RepositoryId> = {}): Promise<readonly RemovedRepository[]> {
    return this.#items(`/deleted-repositories${query({ format: filter.format, name: filter.name })}`);
  }

  /** Brings a removed repository back. @param id as `removedRepositories` gives it */
  undeleteRepository(id: number): Promise<RepositoryRecord> {
    return this.#json('POST', path`/deleted-repositories/${String(id)}/undelete`);
  }

  /** One page of packages by name; go on with `after: page.next`. */
  packages(id: RepositoryId, page: { after?: string; limit?: number } = {}): Promise<ItemPage<PackageSummary>> {
    return this.#json('GET', `${repositoryPath(id)}/packages${query({ after: page.after, limit: page.limit })}`);
  }

  /** Packages whose names are, begin with or contain a text, in every repository that the token may read. */
  search(text: string, options: { format?: string; limit?: number } = {}): Promise<FoundPackages> {
    return this.#json('GET', `/search${query({ q: text, format: options.format, limit: options.limit })}`);
  }

  package(id: RepositoryId, name: string): Promise<PackageDetails> {
    return this.#json('GET', packagePath(id, name));
  }

  setPackageStatus(id: RepositoryId, name: string, status: PackageStatus, reason = ''): Promise<PackageSummary> {
    return this.#json('PATCH', packagePath(id, name), { status, reason });
  }

  /** Removes a version or one file of it. */
  remove(id: RepositoryId, target: Removal): Promise<Removed> {
    const file = target.file === undefined ? '' : path`/files/${target.file}`;
    return this.#json('DELETE', `${versionPath(id, target)}${file}${query({ index: target.index })}`);
  }

  /** Removes a package with all its versions. */
  removePackage(id: RepositoryId, name: string): Promise<Removed> {
    return this.#json('DELETE', packagePath(id, name));
  }

  /** One page of deleted files that can be brought back, the last deleted first; go on with `before: page.next`. */
  deleted(
    id: RepositoryId,
    target: DeletedTarget = {},
    page: { before?: string; limit?: number } = {},
  ): Promise<ItemPage<DeletedFile>> {
    const { package: name, version, file, revision } = target;
    const filter = query({ package: name, version, file, revision, before: page.before, limit: page.limit });
    return this.#json('GET', `${repositoryPath(id)}/deleted${filter}`);
  }

  /** Brings deleted files back; with `skipTaken` without those in whose place there are others now. */
  undelete(id: RepositoryId, target: DeletedTarget & { readonly skipTaken?: boolean }): Promise<Undeleted> {
    return this.#json('POST', `${repositoryPath(id)}/undelete`, target);
  }

  /** One page of what the repository's rules would remove now, by package; go on with `after: page.next`. */
  retentionPreview(id: RepositoryId, page: { after?: string; limit?: number } = {}): Promise<ItemPage<ExpiredVersion>> {
    const address = `${repositoryPath(id)}/retention/preview`;
    return this.#json('GET', `${address}${query({ after: page.after, limit: page.limit })}`);
  }

  /** Removes what the repository's rules do not keep. */
  applyRetention(id: RepositoryId): Promise<RetentionResult> {
    return this.#json('POST', `${repositoryPath(id)}/retention/apply`);
  }

  /** Withdraws a version or one file of it from resolution; gives how many files changed. */
  async yank(id: RepositoryId, target: Version, reason?: string): Promise<number> {
    const body = { reason, file: target.file };
    return (await this.#json<{ changed: number }>('PUT', `${versionPath(id, target)}/yank`, body)).changed;
  }

  async unyank(id: RepositoryId, target: Version): Promise<number> {
    const address = `${versionPath(id, target)}/yank${query({ file: target.file })}`;
    return (await this.#json<{ changed: number }>('DELETE', address)).changed;
  }

  aliases(id: RepositoryId, name: string): Promise<readonly AliasRecord[]> {
    return this.#items(`${packagePath(id, name)}/aliases`);
  }

  setAlias(id: RepositoryId, name: string, alias: AliasRecord): Promise<AliasRecord> {
    return this.#json('PUT', `${packagePath(id, name)}/aliases${path`/${alias.name}`}`, { target: alias.target });
  }

  async removeAlias(id: RepositoryId, name: string, alias: string): Promise<void> {
    await this.#request('DELETE', `${packagePath(id, name)}/aliases${path`/${alias}`}`);
  }

  /** The keys that sign a repository's indices, or signed them, the oldest first. */
  signingKeys(id: RepositoryId): Promise<readonly SigningKeyRecord[]> {
    return this.#items(`${repositoryPath(id)}/keys`);
  }

  /** Makes or imports a key, which signs from now on. */
  addSigningKey(id: RepositoryId, key: NewSigningKey = {}): Promise<SigningKeyRecord> {
    return this.#json('POST', `${repositoryPath(id)}/keys`, key);
  }

  /** Lets a key sign no longer. */
  async retireSigningKey(id: RepositoryId, fingerprint: string): Promise<void> {
    await this.#request('DELETE', `${repositoryPath(id)}${path`/keys/${fingerprint}`}`);
  }

  /** A key with its secret, armored and without a passphrase. */
  async exportSigningKey(id: RepositoryId, fingerprint: string): Promise<string> {
    const address = `${repositoryPath(id)}${path`/keys/${fingerprint}/export`}`;
    return (await this.#json<{ privateKey: string }>('POST', address)).privateKey;
  }

  /** A repository's indices: those that have files or settings. */
  indexes(id: RepositoryId): Promise<readonly IndexRecord[]> {
    return this.#items(`${repositoryPath(id)}/indexes`);
  }

  index(id: RepositoryId, name: string): Promise<IndexRecord> {
    return this.#json('GET', indexPath(id, name));
  }

  /** Changes an index's settings; `null` forgets one. */
  updateIndex(id: RepositoryId, name: string, change: Readonly<Record<string, unknown>>): Promise<IndexRecord> {
    return this.#json('PATCH', indexPath(id, name), change);
  }

  async forgetIndexSettings(id: RepositoryId, name: string): Promise<void> {
    await this.#request('DELETE', indexPath(id, name));
  }

  /** Publishes what is in one index in another as well. */
  copyToIndex(id: RepositoryId, name: string, what: CopyRequest): Promise<CopyResult> {
    return this.#json('POST', `${indexPath(id, name)}/copies`, what);
  }

  /** A repository's newest changes. */
  revisions(id: RepositoryId, limit?: number): Promise<readonly RevisionRecord[]> {
    return this.#items(`${repositoryPath(id)}/revisions${query({ limit })}`);
  }

  tokens(): Promise<readonly TokenRecord[]> {
    return this.#items('/tokens');
  }

  createToken(token: NewToken): Promise<CreatedToken> {
    return this.#json('POST', '/tokens', token);
  }

  async revokeToken(id: string): Promise<void> {
    await this.#request('DELETE', path`/tokens/${id}`);
  }

  /** The audit log, newest first; go on with `before: page.next`. */
  events(page: { before?: string; limit?: number } = {}): Promise<ItemPage<EventRecord>> {
    return this.#json('GET', `/events${query({ before: page.before, limit: page.limit })}`);
  }

  /** Publishes one file, streamed. */
  async upload(options: UploadOptions): Promise<UploadResult | WaitingUpload> {
    const response = await this.addPackage(options);
    if (!response.ok) throw await refusal(response);
    return parseJson(response);
  }

  /** Publishes the files of a tar in one revision, or none of them. */
  async uploadArchive(
    target: Pick<UploadOptions, 'provider' | 'repository' | 'fields'>,
    tar: Uint8Array<ArrayBuffer>,
  ): Promise<ArchiveResult> {
    const parameters = new URLSearchParams({ provider: target.provider, reponame: target.repository });
    for (const [name, value] of target.fields ?? []) parameters.append(name, value);
    const response = await this.#send(`${this.url}/addpkg?${parameters}`, () => ({
      method: 'POST',
      headers: { 'content-type': 'application/x-tar' },
      body: tar,
    }));
    if (!response.ok) throw await refusal(response);
    return parseJson(response);
  }

  /** The request behind `upload`, with the server's answer as it is: for servers that are not Packyard. */
  async addPackage(options: UploadOptions): Promise<Response> {
    const parameters = new URLSearchParams({ provider: options.provider, reponame: options.repository });
    if (options.name !== undefined) parameters.append('name', options.name);
    if (options.version !== undefined) parameters.append('version', options.version);
    for (const [name, value] of options.fields ?? []) parameters.append(name, value);
    const form = multipartForm('f', options.file, options.onProgress);
    return this.#send(`${this.url}/addpkg?${parameters}`, () => ({
      method: 'POST',
      headers: { 'content-type': form.contentType, 'content-length': String(form.size) },
      body: form.stream(),
      // Without these two, Node keeps a copy of the whole body in memory, to be able to send it again after a redirect.
      redirect: 'error',
      window: null,
      // Required by the Fetch standard for a body that is a stream; TypeScript's types do not know it yet.
      ...{ duplex: 'half' },
    }));
  }

  async #items<Item>(address: string): Promise<readonly Item[]> {
    return (await this.#json<ItemPage<Item>>('GET', address)).items;
  }

  async #json<T>(method: string, address: string, body?: unknown): Promise<T> {
    return parseJson(await this.#request(method, address, body));
  }

  async #request(method: string, address: string, body?: unknown): Promise<Response> {
    const response = await this.#send(`${this.url}/api/v1${address}`, () => ({
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT),
    }));
    if (!response.ok) throw await refusal(response);
    return response;
  }

  #send(url: string, makeInit: () => RequestInit): Promise<Response> {
    const withCredentials = (): RequestInit => {
      const init = makeInit();
      const headers = new Headers(init.headers);
      headers.set('accept', 'application/json');
      if (this.#authorization !== undefined) headers.set('authorization', this.#authorization);
      // Bun ends a request after five minutes unless told otherwise; a large upload takes longer. Node ignores it.
      const signals = [init.signal, this.#signal].filter((signal) => signal instanceof AbortSignal);
      return { ...init, headers, signal: AbortSignal.any(signals), ...{ timeout: false } };
    };
    return send(url, withCredentials, { fetch: this.#fetch, sleep: this.#sleep });
  }
}
