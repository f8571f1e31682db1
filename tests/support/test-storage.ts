import { newBucket, s3Server, s3Url } from './seaweedfs.ts';

/** Whether servers of this pass of the tests keep their bytes on an S3 server; else each has a folder. */
export const ON_S3 = process.env.TEST_S3_URL !== undefined;

/** An empty place for the bytes of one server, as its `--storage`; undefined where that is its data folder. */
export async function createTestStorage(): Promise<string | undefined> {
  return ON_S3 ? s3Url(newBucket(await s3Server())) : undefined;
}
