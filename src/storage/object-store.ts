import type { Digest, DigestAlgorithm } from '../model/digest.ts';

/** A half-open byte range: `end` is the first byte that is not part of it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ObjectStat {
  /** Bytes. */
  readonly size: number;
}

/** What a reader gets. A file's `Blob` is lazy: nothing is read until it is sent. */
export type ObjectBody = Blob | ReadableStream<Uint8Array>;

/** Bytes on their way in: complete, digested, on a local disk where parsers can seek, but not yet part of the store. */
export interface StagedObject {
  /** A local file that holds the bytes until `commit` or `discard`. */
  readonly path: string;
  readonly size: number;
  readonly sha256: Digest;
  /** A further digest: from the pass that received the bytes if it was asked for then, else by reading the file again. */
  digest(algorithm: DigestAlgorithm): Promise<Digest>;
  /** Makes the bytes durable under a key of their own, which it returns. Once for each upload. */
  commit(): Promise<string>;
  /** Forgets the bytes. Harmless after `commit`; always call it in `finally`. */
  discard(): Promise<void>;
}

/** Bytes in pieces of any size. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface StageOptions {
  /** Digests to compute in the receiving pass, beside sha256. */
  readonly digests?: readonly DigestAlgorithm[];
  /** Refuse more bytes than this with `too_large`. */
  readonly maxSize?: number;
  /** The source's pieces are nobody else's, also later: their memory may be taken as soon as they are stored. */
  readonly owned?: boolean;
}

/**
 * Where blobs lie. Drivers: `fs`, `s3`, `memory`; all pass `object-store-suite.ts`.
 * Errors are `PackyardError`s: `not_found`, `too_large`, `storage_full`, `unavailable`.
 */
export interface ObjectStore {
  /** The driver and its place, without secrets, for logs and `/readyz`. */
  readonly description: string;
  stat(key: string): Promise<ObjectStat | undefined>;
  /** Opens an object, or a part of it. The key must exist: `not_found` comes at once or while the body is read. */
  open(key: string, range?: ByteRange): ObjectBody | Promise<ObjectBody>;
  /** Receives a stream. When it breaks, nothing of it stays. */
  stage(source: ByteSource, options?: StageOptions): Promise<StagedObject>;
  /** Writes, reads and removes a small probe: throws `unavailable` or `storage_full` when the store does not work. */
  check(): Promise<void>;
}

/** Many small objects on their way in together. */
export interface StageBatch {
  /** Takes bytes that are in memory. What it gives is committed and discarded like any other. */
  stage(bytes: Uint8Array): Promise<StagedObject>;
}

/** Optional power: waiting for the disk once for many small objects, instead of for each. */
export interface StagesBatches {
  /** @param digests to keep of each object, beside sha256 */
  stageBatch(digests?: readonly DigestAlgorithm[]): StageBatch;
}

/** Optional power: removing objects. One that is not there is removed already. */
export interface DeletesObjects {
  delete(key: string): Promise<void>;
}

export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** When it was stored, in milliseconds since 1970 by the clock of whoever stores it. */
  readonly modifiedAt: number;
}

/** Optional power: walking over all objects, in any order. One that comes or goes meanwhile may be among them or not. */
export interface ListsObjects {
  list(): AsyncIterable<ListedObject>;
}

export interface PresignOptions {
  readonly expiresSeconds: number;
  /** What the answer's headers shall say; else what the store says. */
  readonly contentType?: string;
  readonly contentDisposition?: string;
}

/** Optional power: addresses at which anybody can get an object from the store itself for a while. They are secrets. */
export interface PresignsObjects {
  presign(key: string, options: PresignOptions): Promise<string>;
}

/** An upload that has begun: under way, or left behind by a crash. */
export interface UnfinishedUpload {
  readonly id: string;
  /** Bytes so far, where the store tells. */
  readonly size?: number;
  /** When it began, or was last written to where the store tells; milliseconds since 1970. */
  readonly startedAt: number;
}

/** Optional power: finding what broken-off uploads have left. Dropping one that is under way makes it fail. */
export interface ListsUnfinished {
  unfinished(): AsyncIterable<UnfinishedUpload>;
  dropUnfinished(id: string): Promise<void>;
}

/** Optional power: comparing clocks, where a wrong one makes the store refuse what it is asked. */
export interface TellsTime {
  /** Milliseconds by which this machine's clock goes before the store's; to the second at best. */
  clockDifference(): Promise<number>;
}

export function stagesBatches(store: ObjectStore): store is ObjectStore & StagesBatches {
  return has(store, 'stageBatch');
}

export function deletesObjects(store: ObjectStore): store is ObjectStore & DeletesObjects {
  return has(store, 'delete');
}

export function listsObjects(store: ObjectStore): store is ObjectStore & ListsObjects {
  return has(store, 'list');
}

export function presignsObjects(store: ObjectStore): store is ObjectStore & PresignsObjects {
  return has(store, 'presign');
}

export function listsUnfinished(store: ObjectStore): store is ObjectStore & ListsUnfinished {
  return has(store, 'unfinished');
}

export function tellsTime(store: ObjectStore): store is ObjectStore & TellsTime {
  return has(store, 'clockDifference');
}

type Power =
  | keyof StagesBatches
  | keyof DeletesObjects
  | keyof ListsObjects
  | keyof PresignsObjects
  | keyof ListsUnfinished
  | keyof TellsTime;

/** A store in front of another has the name of every power, and a function only where the other has one. */
function has(store: ObjectStore & { readonly [Name in Power]?: unknown }, power: Power): boolean {
  return typeof store[power] === 'function';
}
