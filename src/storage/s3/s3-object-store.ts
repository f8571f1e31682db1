import { randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import type { S3Location } from '../../config/config.ts';
import { Digest } from '../../model/digest.ts';
import { PackyardError } from '../../model/errors.ts';
import { lostObject } from '../lost-object.ts';
import type {
  ByteRange,
  ByteSource,
  DeletesObjects,
  ListedObject,
  ListsObjects,
  ListsUnfinished,
  ObjectBody,
  ObjectStat,
  ObjectStore,
  PresignOptions,
  PresignsObjects,
  StagedObject,
  StageOptions,
  TellsTime,
  UnfinishedUpload,
} from '../object-store.ts';
import { StagingFolder } from '../staging-folder.ts';
import { checkStorageKey, LAYOUT, newStorageKey } from '../storage-key.ts';
import { readObject } from './read-object.ts';
import { type ConnectionOptions, type Content, S3Connection } from './s3-connection.ts';
import { S3Failure } from './s3-failure.ts';
import { toPackyardError, translateS3Error } from './translate-s3-error.ts';
import { sizeOf, uploadFile } from './upload-file.ts';
import { IMPATIENT, withRetries } from './with-retries.ts';

const PROBE = 'packyard';
const PROBE_SHA256 = Digest.sha256(new Bun.CryptoHasher('sha256').update(PROBE).digest('hex'));

export interface S3StoreOptions extends ConnectionOptions {
  /** A local folder where uploads arrive before they are sent on. */
  readonly staging: string;
}

/**
 * Blobs in a bucket, of AWS or any other store that speaks S3: `blobs-v1/sha256/ab/abcd…-…` below a prefix. An upload is
 * complete in a local file before its first byte is sent, so what a broken-off one leaves in the bucket is parts at the most.
 */
export class S3ObjectStore
  implements ObjectStore, DeletesObjects, ListsObjects, PresignsObjects, ListsUnfinished, TellsTime
{
  readonly description: string;
  readonly #connection: S3Connection;
  readonly #staging: StagingFolder;

  private constructor(connection: S3Connection, staging: StagingFolder) {
    this.#connection = connection;
    this.#staging = staging;
    this.description = connection.description;
  }

  /**
   * Opens the bucket, and makes it where the settings say so.
   * @throws PackyardError `unavailable` that says what is wrong with bucket, keys, clock or network
   */
  static async open(location: S3Location, options: S3StoreOptions): Promise<S3ObjectStore> {
    const place = location.endpoint ? `${location.bucket} at ${location.endpoint}` : location.bucket;
    try {
      const connection = await S3Connection.prepare(location, options);
      await openBucket(connection, location.create);
      const commit = async (file: Parameters<typeof uploadFile>[2]): Promise<string> => {
        const key = newStorageKey(file.sha256);
        await translated(connection, uploadFile(connection, key, file));
        return key;
      };
      return new S3ObjectStore(connection, await StagingFolder.open(options.staging, { durable: false, commit }));
    } catch (error) {
      throw withPlace(place, error);
    }
  }

  async stat(key: string): Promise<ObjectStat | undefined> {
    const size = await this.#translated(sizeOf(this.#connection, checkStorageKey(key)));
    return size === undefined ? undefined : { size };
  }

  async open(key: string, range?: ByteRange): Promise<ObjectBody> {
    checkStorageKey(key);
    return this.#translated(
      readObject(this.#connection, key, range, translateS3Error(this.description)).catch((error: unknown) => {
        if (error instanceof S3Failure && error.code === 'NoSuchKey') throw lostObject(this.description, key);
        throw error;
      }),
    );
  }

  stage(source: ByteSource, options?: StageOptions): Promise<StagedObject> {
    return this.#staging.stage(source, options);
  }

  async check(): Promise<void> {
    const key = `probe-v1/${randomUUID()}`;
    const request = (method: 'GET' | 'PUT', content?: Content) =>
      withRetries(IMPATIENT, () => this.#connection.request({ method, key, content }));
    const probe = async (): Promise<void> => {
      try {
        await request('PUT', { body: new Blob([PROBE]), sha256: PROBE_SHA256 });
        const back = await (await request('GET')).text();
        if (back !== PROBE) throw new S3Failure('other bytes come back', { status: 502 });
      } finally {
        await this.#remove(key);
      }
    };
    await this.#translated(probe());
  }

  async delete(key: string): Promise<void> {
    await this.#translated(this.#remove(checkStorageKey(key)));
  }

  async *list(): AsyncIterable<ListedObject> {
    const { bucket } = this.#connection;
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: this.#connection.objectKey(`${LAYOUT}/`),
        ContinuationToken: token,
      });
      const page = await this.#translated(this.#connection.call((client) => client.send(command)));
      for (const { Key, Size = 0, LastModified } of page.Contents ?? []) {
        if (Key === undefined) continue;
        yield { key: this.#connection.storageKey(Key), size: Size, modifiedAt: LastModified?.getTime() ?? Date.now() };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  presign(key: string, options: PresignOptions): Promise<string> {
    const { contentType, contentDisposition, expiresSeconds } = options;
    const query = {
      ...(contentDisposition === undefined ? {} : { 'response-content-disposition': contentDisposition }),
      ...(contentType === undefined ? {} : { 'response-content-type': contentType }),
    };
    return this.#translated(this.#connection.presign(checkStorageKey(key), query, expiresSeconds));
  }

  /** What has been received here, and what has been sent to the bucket in parts. */
  async *unfinished(): AsyncIterable<UnfinishedUpload> {
    yield* this.#staging.unfinished();
    const { bucket } = this.#connection;
    let marker: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | undefined = {};
    while (marker) {
      const place = { Bucket: bucket, Prefix: this.#connection.objectKey(`${LAYOUT}/`) };
      const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({ ...place, ...marker });
      const page: ListMultipartUploadsCommandOutput = await this.#translated(
        this.#connection.call((client) => client.send(command)),
      );
      for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? []) {
        const id = `${this.#connection.storageKey(Key)}?${UploadId}`;
        yield { id, startedAt: Initiated?.getTime() ?? Date.now() };
      }
      marker = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined;
    }
  }

  async dropUnfinished(id: string): Promise<void> {
    const end = id.indexOf('?');
    if (end < 0) return this.#staging.drop(id);
    const { bucket } = this.#connection;
    const Key = this.#connection.objectKey(checkStorageKey(id.slice(0, end)));
    const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId: id.slice(end + 1) });
    await this.#translated(
      this.#connection
        .call((client) => client.send(command))
        .catch((error: unknown) => {
          if (!(error instanceof S3Failure && error.code === 'NoSuchUpload')) throw error;
        }),
    );
  }

  clockDifference(): Promise<number> {
    return this.#translated(this.#connection.clockDifference());
  }

  async #remove(key: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#connection.bucket, Key: this.#connection.objectKey(key) });
    await this.#connection
      .call((client) => client.send(command))
      .catch((error: unknown) => {
        if (!(error instanceof S3Failure && error.code === 'NoSuchKey')) throw error;
      });
  }

  #translated<T>(working: Promise<T>): Promise<T> {
    return translated(this.#connection, working);
  }
}

function translated<T>(connection: S3Connection, working: Promise<T>): Promise<T> {
  return working.catch(translateS3Error(connection.description));
}

async function openBucket(connection: S3Connection, create: boolean): Promise<void> {
  try {
    await connection.probe();
  } catch (error) {
    if (!create || !(error instanceof S3Failure) || error.code !== 'NoSuchBucket') throw error;
    const command = new CreateBucketCommand({ Bucket: connection.bucket });
    await connection
      .call((client) => client.send(command))
      .catch((failure: unknown) => {
        // Another replica was faster.
        if (!(failure instanceof S3Failure) || failure.code !== 'BucketAlreadyOwnedByYou') throw failure;
      });
    await connection.probe();
  }
}

/** Whoever opens the store is no stranger: to them the message names the place. */
function withPlace(place: string, error: unknown): unknown {
  const known = toPackyardError(place, error);
  if (!(known instanceof PackyardError)) return known;
  const { code, message, hint, retryAfter, cause } = known;
  return new PackyardError(code, `storage ${place}: ${message}`, { hint, retryAfter, cause });
}
