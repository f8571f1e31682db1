import { expect, test } from 'bun:test';
import { type FileHandle, open } from 'node:fs/promises';
import { Digest } from '../../src/model/digest.ts';
import { S3Connection } from '../../src/storage/s3/s3-connection.ts';
import { S3ObjectStore } from '../../src/storage/s3/s3-object-store.ts';
import { uploadFile } from '../../src/storage/s3/upload-file.ts';
import { skipVisibly } from '../support/clients.ts';
import { hasS3Server, newBucket, S3_SKIP_REASON, s3Server } from '../support/seaweedfs.ts';
import { TempFolder } from '../support/temp-folder.ts';

/** One request takes no more than 5 GiB, and a copy neither. */
const SIZE = 5 * 2 ** 30 + 12_345;
/** One for each half GiB, so that no two stretches of the file are alike. */
const MARKS = Array.from({ length: 11 }, (_, index) => ({
  at: index * 2 ** 29 + 4_321,
  text: `mark ${index}`.padEnd(8),
}));
/** Of the file that `writeMarked` makes; the upload compares it with what it sends. */
const SHA256 = Digest.sha256('5e69675392dea609210a469ddee544f087702069160bb4834948aa5001639851');

const SENTENCE = 'a file of more than 5 GiB is stored and read in any part';

if (hasS3Server()) test(SENTENCE, storeHuge);
else skipVisibly(SENTENCE, S3_SKIP_REASON);

async function storeHuge(): Promise<void> {
  using folder = new TempFolder('huge');
  const path = folder.join('huge');
  await using file = await open(path, 'w');
  await writeMarked(file);
  const location = newBucket(await s3Server());
  const store = await S3ObjectStore.open(location, { staging: folder.join('staging') });
  const key = `blobs-v1/sha256/${SHA256.hex.slice(0, 2)}/${SHA256.hex}-abcdefghijkl`;
  await uploadFile(await S3Connection.prepare(location), key, { path, size: SIZE, sha256: SHA256 });
  expect(await store.stat(key)).toEqual({ size: SIZE });
  expect(await Array.fromAsync(store.unfinished())).toEqual([]);
  for (const { at, text } of MARKS)
    expect(await new Response(await store.open(key, { start: at, end: at + 8 })).text()).toBe(text);
  const last = await store.open(key, { start: SIZE - 1, end: SIZE });
  expect(await new Response(last).bytes()).toEqual(new Uint8Array(1));
  await store.delete(key);
}

/** A sparse file: it takes no room on the disk. */
async function writeMarked(file: FileHandle): Promise<void> {
  await file.truncate(SIZE);
  for (const { at, text } of MARKS) await file.write(text, at);
}
