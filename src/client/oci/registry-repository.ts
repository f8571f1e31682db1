import type { BlobSource } from './blob-source.ts';
import { type BlobRecord, deleteBlob, mountBlob, statBlob } from './blobs.ts';
import type { Connection } from './connection.ts';
import {
  deleteManifest,
  getManifest,
  type Manifest,
  type ManifestOptions,
  type ManifestRecord,
  statManifest,
} from './manifests.ts';
import { checkTag } from './names.ts';
import { type ListOptions, names } from './pages.ts';
import { type Place, pathIn, scopeOf } from './place.ts';
import { type PullBlobOptions, type PulledBlob, pullBlob } from './pull-blob.ts';
import { type PushBlobOptions, type PushedBlob, pushBlob } from './push-blob.ts';
import { type PutManifestOptions, type PutManifestResult, putManifest } from './put-manifest.ts';
import { type ReferrersOptions, referrers } from './referrers.ts';
import type { Descriptor } from './referrers-fallback.ts';

interface Cancellable {
  readonly signal?: AbortSignal;
}

/** One repository of a registry. A reference is a tag or a digest. Everything throws `RegistryError`s. */
export class RegistryRepository {
  readonly name: string;
  readonly #place: Place;

  /** Made by `RegistryClient.repository`. */
  constructor(connection: Connection, name: string) {
    this.name = name;
    this.#place = { connection, name };
  }

  /** Undefined when there is no such blob. */
  statBlob(digest: string, options: Cancellable = {}): Promise<BlobRecord | undefined> {
    return statBlob(this.#place, digest, { signal: options.signal });
  }

  pullBlob(digest: string, options?: PullBlobOptions): Promise<PulledBlob> {
    return pullBlob(this.#place, digest, options);
  }

  pushBlob(source: BlobSource, options?: PushBlobOptions): Promise<PushedBlob> {
    return pushBlob(this.#place, source, options);
  }

  /** Lets the registry take a blob over from another repository; false when it does not, and it has to be pushed. */
  mountBlob(digest: string, from: string, options: Cancellable = {}): Promise<boolean> {
    return mountBlob(this.#place, digest, from, options.signal);
  }

  deleteBlob(digest: string, options: Cancellable = {}): Promise<void> {
    return deleteBlob(this.#place, digest, options.signal);
  }

  getManifest(reference: string, options?: ManifestOptions): Promise<Manifest> {
    return getManifest(this.#place, reference, options);
  }

  /** Undefined when there is no such manifest. */
  statManifest(reference: string, options?: ManifestOptions): Promise<ManifestRecord | undefined> {
    return statManifest(this.#place, reference, options);
  }

  putManifest(manifest: Uint8Array | string, options?: PutManifestOptions): Promise<PutManifestResult> {
    return putManifest(this.#place, manifest, options);
  }

  /** Deletes a manifest and with it all its tags. */
  deleteManifest(digest: string, options: Cancellable = {}): Promise<void> {
    return deleteManifest(this.#place, digest, options.signal);
  }

  /** Deletes a tag and leaves the manifest. Some registries cannot: they answer 400 or 405. */
  deleteTag(tag: string, options: Cancellable = {}): Promise<void> {
    return deleteManifest(this.#place, checkTag(tag), options.signal);
  }

  /** In the registry's order, asked for page by page. */
  tags(options: ListOptions = {}): AsyncIterableIterator<string> {
    const scopes = [scopeOf(this.name, 'pull')];
    return names(this.#place.connection, pathIn(this.#place, 'tags/list'), { ...options, key: 'tags', scopes });
  }

  referrers(digest: string, options?: ReferrersOptions): AsyncIterableIterator<Descriptor> {
    return referrers(this.#place, digest, options);
  }
}
