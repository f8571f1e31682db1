import pg from 'pg';
import { createDatabase, DatabaseServer, type DatabaseServerKind } from '../../tests/support/database-server.ts';

export const DATABASES = ['SQLite', 'PostgreSQL', 'MariaDB'] as const;
export type DatabaseName = (typeof DATABASES)[number];

const SERVERS: Readonly<Record<Exclude<DatabaseName, 'SQLite'>, DatabaseServerKind>> = {
  PostgreSQL: 'postgres',
  MariaDB: 'mariadb',
};

/** An empty database for one Packyard: a SQLite file, or one on a server of its own with the settings that it has by default. */
export class BenchDatabase implements AsyncDisposable {
  readonly url: string;
  readonly #server: DatabaseServer | undefined;

  private constructor(url: string, server?: DatabaseServer) {
    this.url = url;
    this.#server = server;
  }

  /** @param file where SQLite puts it */
  static async start(name: DatabaseName, file: string): Promise<BenchDatabase> {
    if (name === 'SQLite') return new BenchDatabase(`sqlite:${file}`);
    const server = await DatabaseServer.start(SERVERS[name], { durable: true });
    return new BenchDatabase(await createDatabase(server.url), server);
  }

  /** What `packyard serve` is to be told. */
  get flags(): readonly string[] {
    return ['--database', this.url];
  }

  /** Does what the server would do by itself a minute after it was filled: count its rows. */
  async settle(): Promise<void> {
    if (this.#server?.kind === 'postgres') await statement(this.url, 'vacuum analyze');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }
}

async function statement(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}
