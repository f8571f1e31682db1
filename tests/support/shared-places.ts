import { DatabaseServer } from './database-server.ts';
import { newBucket, s3Server, s3Url } from './seaweedfs.ts';
import { TempFolder } from './temp-folder.ts';
import { createTestDatabase, createTestDatabaseOn, ON_SQLITE, type TestDatabase } from './test-database.ts';
import { ON_S3 } from './test-storage.ts';

export interface SharedPlaces {
  readonly database: string;
  readonly storage: string;
  dispose(): Promise<void>;
}

let own: Promise<DatabaseServer> | undefined;

/** An empty database on the server of this pass, else on a PostgreSQL, and an empty place for objects, for several servers to share. */
export async function sharedPlaces(): Promise<SharedPlaces> {
  const database = await sharedDatabase();
  const folder = ON_S3 ? undefined : new TempFolder('objects');
  return {
    database: database.url,
    storage: folder ? `file:${folder.path}` : s3Url(newBucket(await s3Server())),
    dispose: async () => {
      await database.dispose();
      folder?.dispose();
    },
  };
}

async function sharedDatabase(): Promise<TestDatabase> {
  if (!ON_SQLITE) return createTestDatabase();
  own ??= DatabaseServer.start('postgres');
  return createTestDatabaseOn((await own).url);
}
