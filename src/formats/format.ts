import type { Hono } from 'hono';
import type { DigestAlgorithm } from '../model/digest.ts';
import type { PackyardError } from '../model/errors.ts';
import type { Action, Principal } from '../model/principal.ts';
import type { RepositoryRef } from '../model/repository-ref.ts';
import type { RenderedDocument } from '../registry/document-cache.ts';
import type { IndexDocument } from '../registry/indexes/generation.ts';
import type { IndexPlan } from '../registry/indexes/index-plan.ts';
import type {
  Actor,
  JsonObject,
  PendingOutcome,
  PublishItem,
  PublishOutcome,
  Repository,
  ServedFile,
  StagedObject,
  StoredFile,
} from '../registry/model.ts';
import type { Guarded } from '../registry/permissions.ts';
import type { Registry } from '../registry/registry.ts';

/** What a request carries through the middlewares, for every route. */
export interface RequestVariables {
  readonly requestId: string;
  readonly principal: Principal;
  /** The client's address, behind trusted proxies the one that they name. */
  readonly address: string;
}

/** What the listener knows of a request before any route sees it. */
export interface RequestBindings {
  readonly requestId: string;
  readonly address: string;
}

export interface HttpEnv {
  Bindings: RequestBindings;
  Variables: RequestVariables;
}

/** One file that came by `/addpkg` or by a protocol's own upload, received and digested but not yet visible. */
export interface Upload {
  /** The name under which the uploader asked for the format: its id or one of its older names. */
  readonly provider: string;
  readonly repository: RepositoryRef;
  /** The repository that the caller was let into; 0 where there was none yet. */
  readonly repositoryId: number;
  readonly principal: Principal;
  /** The same caller, for revisions and the audit log. */
  readonly actor: Actor;
  readonly staged: StagedObject;
  /** The base name that the client gave. */
  readonly fileName: string;
  /** What the uploader says the package and version are; a format that can read them from the file compares. */
  readonly name?: string;
  readonly version?: string;
  /** Further form fields or query parameters, e.g. apt's `dist`. Repeated names keep every value. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

/** One block of set-up instructions. Text only: who shows it escapes it. */
export interface UsageSnippet {
  readonly title: string;
  /** `shell`, `ini`, `toml`, … for highlighting. */
  readonly language: string;
  readonly text: string;
}

export interface UsageContext {
  readonly repository: RepositoryRef;
  /** The repository's address without a slash at the end, e.g. `https://host/repo/pypi/tools`. */
  readonly url: string;
  /** The server's address without a slash at the end. */
  readonly server: string;
}

/** What routes may use of the server: passed in, so that formats depend on nothing above them. */
export interface FormatContext {
  readonly registry: Registry;
  /** Finds the repository and checks that the caller may do this with it; throws `not_found`, `unauthenticated`, `forbidden`. */
  open(ref: RepositoryRef, principal: Principal, action: Action, options?: OpenOptions): Promise<Repository>;
  /** Whether the caller may do this there: for choosing among many places. */
  allows(principal: Principal, action: Action, place: Guarded): boolean;
  /** Short-lived tokens in the place of credentials, for protocols whose clients ask for one first. */
  readonly bearerTokens: BearerTokens;
  /** The server's address as this client sees it, without a slash at the end: for documents that must have whole URLs. */
  publicUrl(request: Request): string;
  /** Answers GET (and so HEAD) for a stored file: Range, If-Range, ETag, If-None-Match, digests, or sends the client on to it. */
  sendFile(request: Request, repository: Repository, file: ServedFile, options?: SendFileOptions): Promise<Response>;
  /** Answers GET (and so HEAD) for rendered bytes: ETag, If-None-Match, gzip. */
  sendDocument(request: Request, document: RenderedDocument, options?: SendDocumentOptions): Response;
  /** Receives a request's body as it is (PUT). */
  receiveBody(request: Request, options?: ReceiveBodyOptions): Promise<StagedObject>;
  /** The same for one of several parts: what had arrived when the client went away is kept. */
  receivePart(request: Request, options?: ReceivePartOptions): Promise<ReceivedPart>;
  /** Receives a small body into memory. @throws PackyardError `too_large`, `client_closed` */
  receiveBytes(request: Request, maxSize: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Answers GET (and so HEAD) for a document of an index: ETag, If-None-Match, If-Modified-Since, Range. */
  sendIndexDocument(request: Request, document: IndexDocument, options: SendIndexOptions): Promise<Response>;
  /** Receives a multipart form with exactly one file. Fields may come in any order. */
  receiveForm(request: Request, options?: ReceiveFormOptions): Promise<ReceivedForm>;
}

export interface OpenOptions {
  /** What in the repository is asked for, e.g. `oci/team/app`: rights may be given for it alone. */
  readonly within?: string;
  /** Also one that is out of view because no file is in it. */
  readonly evenEmpty?: boolean;
}

export interface BearerToken {
  readonly token: string;
  readonly expiresInSeconds: number;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
}

export interface BearerTokens {
  /** A token with the rights that the caller has now, or fewer if these are taken away meanwhile. */
  issue(principal: Principal): Promise<BearerToken>;
  /** Who a secret belongs to that came in a form. @throws PackyardError `unauthenticated`, `too_many_requests` */
  identify(secret: string, address: string): Promise<Principal>;
}

export interface ReceivePartOptions extends ReceiveBodyOptions {
  /** Bytes at the most: what is left of the server's own limit if left out. */
  readonly alreadyReceived?: number;
}

export interface ReceivedPart {
  readonly staged: StagedObject;
  /** Why this is not all: the client went away. */
  readonly broken?: PackyardError;
}

export interface SendFileOptions {
  /** The entity tag without its quotes: the sha256 in hexadecimal digits if left out. */
  readonly etag?: string;
  /** The answer must say its length, also where the bytes come from elsewhere: only for what fits into memory. */
  readonly needsLength?: boolean;
  readonly contentType?: string;
  /** The name for `Content-Disposition: attachment`; left out, none is sent. */
  readonly downloadName?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Always from us: the object store would leave out headers that the protocol needs. */
  readonly neverRedirect?: boolean;
}

export interface SendDocumentOptions {
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SendIndexOptions {
  readonly contentType: string;
  /** Seconds since 1970. No two states of one address may have the same. */
  readonly lastModified?: number;
  /** Whether the address names these bytes for ever. */
  readonly immutable?: boolean;
}

export interface ReceiveBodyOptions {
  /** Digests to compute while the bytes arrive, beside sha256. */
  readonly digests?: readonly DigestAlgorithm[];
}

export interface ReceiveFormOptions {
  readonly digests?: readonly DigestAlgorithm[];
  /** Fields that announce a digest of the file: where they come before it, that digest is computed in the same pass. */
  readonly digestFields?: Readonly<Record<string, DigestAlgorithm>>;
  /** Called when the file begins, with the fields that came before it: what it throws ends the upload there. */
  readonly beforeFile?: (fields: ReadonlyMap<string, readonly string[]>) => Promise<void>;
}

export interface ReceivedForm {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** The name of the form field that carried the file. */
  readonly fieldName: string;
  readonly fileName: string;
  readonly staged: StagedObject;
}

/** One package format. A new one is a folder like its siblings and one line in `index.ts`. */
export interface Format {
  /** As in the URL: `/repo/<id>/…`. */
  readonly id: string;
  readonly title: string;
  /** Names under which older tools know it, as URL segment and as `provider=`. */
  readonly olderNames: readonly string[];
  readonly capabilities: FormatCapabilities;
  /** Form fields in which this protocol's uploaders announce digests of the file. */
  readonly digestFields?: Readonly<Record<string, DigestAlgorithm>>;
  /** Digests that it keeps of every file: computed in the pass that receives it. */
  readonly digests?: readonly DigestAlgorithm[];
  /** Its indices, where they come in generations. */
  readonly indexes?: IndexPort;
  /** Adds the protocol's routes, with paths that begin with `/:repository`, and its `onError`: the domain error in its own form. */
  mount(router: Hono<HttpEnv>, context: FormatContext): void;
  /** Addresses outside of `/repo/<id>/`, where the protocol fixes them: their first segments, and what adds the routes. */
  readonly roots?: readonly string[];
  mountRoots?(router: Hono<HttpEnv>, context: FormatContext): void;
  /** A failure that no route has answered, at one of these addresses, in the protocol's own form. */
  answerFailure?(failure: PackyardError, requestId: string): Response;
  /** Publishes one received file: parse, check, hand to the registry. */
  receive(upload: Upload, context: FormatContext): Promise<PublishOutcome | PendingOutcome>;
  /**
   * What a received file is to be published as, where the format can tell it from the file alone: such files can be sent many
   * at once.
   */
  describe?(upload: Upload): Promise<readonly PublishItem[]>;
  /** Whether a file, by its name, is one that `describe` takes. */
  describes?(fileName: string): boolean;
  /**
   * The names of files that must be uploaded before this one, because it lists them; they may be there already.
   * @param text of the file
   */
  companions?(fileName: string, text: string): readonly string[];
  /** Whether a file is of this format, by its name and its first bytes (at least 512 where the file has them). */
  recognises(fileName: string, head: Uint8Array): boolean;
  /** Brings a package's name into the form in which it is stored and compared. */
  normalizeName(name: string): string;
  /** Orders two versions, oldest first. */
  compareVersions(left: string, right: string): number;
  /** Whether clients leave a version aside unless they are told to take such; left out where they never do. */
  isPreRelease?(version: string): boolean;
  usage(context: UsageContext): readonly UsageSnippet[];
}

/** What the rest of the server may do with a format's indices: apt's distributions. */
export interface IndexPort {
  /** What one is called, for people: `distribution`. */
  readonly title: string;
  /** @throws PackyardError `invalid_request` for what cannot be the name of one */
  parseName(text: string): string;
  plan(repository: RepositoryRef): IndexPlan;
  /** Settings after a change. @throws PackyardError `invalid_request` */
  changeSettings(before: JsonObject, change: JsonObject): JsonObject;
  /** A file as it is to be published in another index. @param options what the format knows beside, e.g. `component` */
  inIndex(file: StoredFile, name: string, options: Readonly<Record<string, string>>): PublishItem;
}

export interface FormatCapabilities {
  /** Published files can be withdrawn from resolution without being removed. */
  readonly yank: boolean;
  /** Its indices are signed, so each repository has a key. */
  readonly signing?: boolean;
  /** Versions name each other by digest (an index its images, a signature what it signs), and aliases end with their target. */
  readonly linkedVersions?: boolean;
}
