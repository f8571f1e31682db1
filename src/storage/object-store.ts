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
  /** Makes the bytes durable under their digest and returns the key. Bytes that are there already are a success. */
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
}

/**
 * Where blobs lie. Drivers: `fs`, `memory`; all pass `object-store-suite.ts`.
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

/** Optional power: removing objects. */
export interface DeletesObjects {
  delete(key: string): Promise<void>;
}

/** Optional power: walking over all objects, in any order. */
export interface ListsObjects {
  list(): AsyncIterable<{ readonly key: string; readonly size: number }>;
}

export function deletesObjects(store: ObjectStore): store is ObjectStore & DeletesObjects {
  return 'delete' in store;
}

export function listsObjects(store: ObjectStore): store is ObjectStore & ListsObjects {
  return 'list' in store;
}
