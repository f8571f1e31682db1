import { createDatabase, DatabaseServer, dropDatabase } from './database-server.ts';
import { TempFolder } from './temp-folder.ts';

export interface SharedPlaces {
  readonly database: string;
  readonly storage: string;
  dispose(): Promise<void>;
}

let server: Promise<DatabaseServer> | undefined;

/** An empty database on a PostgreSQL and an empty place for objects, for several servers to share. */
export async function sharedPlaces(): Promise<SharedPlaces> {
  server ??= DatabaseServer.start('postgres');
  const { url } = await server;
  const database = await createDatabase(url);
  const folder = new TempFolder('objects');
  return {
    database,
    storage: `file:${folder.path}`,
    dispose: async () => {
      await dropDatabase(url, database);
      folder.dispose();
    },
  };
}
