import { expect, test } from 'bun:test';
import { Kysely, Migrator } from 'kysely';
import { TempFolder } from '../../../tests/support/temp-folder.ts';
import { openDatabase } from '../database.ts';
import { sqliteColumns } from '../dialects/sqlite-columns.ts';
import { openSqlite, sqliteDialect } from '../dialects/sqlite-driver.ts';
import { searchPackages } from '../queries/search.ts';
import type { Tables } from '../tables.ts';
import { migrations } from './index.ts';

test('packages from before searches are found too, and not when they are gone', async () => {
  using folder = new TempFolder('migration');
  const path = folder.join('packyard.sqlite');
  await fillAsBefore(path);
  const database = await openDatabase(`sqlite:${path}`);
  const find = async (text: string) => {
    // As many files as make the search use its index.
    const repositories = [{ id: 1, fileCount: 1_000_000 }];
    const rows = await searchPackages(database.read, { text, repositories, limit: 10_000 });
    return rows.map(({ name }) => name);
  };
  expect(await find('ackage-2499')).toEqual(['My_Package_2499']);
  expect(await find('my-package')).toHaveLength(2500);
  await database.write((trx) => trx.deleteFrom('packages').where('name', '=', 'My_Package_2499').execute());
  expect(await find('ackage-2499')).toEqual([]);
  await database.write((trx) => trx.deleteFrom('repositories').execute());
  expect(await find('package')).toEqual([]);
  await database.close();
});

async function fillAsBefore(path: string): Promise<void> {
  const db = new Kysely<Tables>({ dialect: sqliteDialect(openSqlite(path, 'writer'), 'writer') });
  const provider = { getMigrations: async () => migrations(sqliteColumns) };
  await new Migrator({ db, provider }).migrateTo('002-lifetimes');
  const repository = { format: 'generic', name: 'files', visibility: 'default', write_policy: 'immutable' };
  await db
    .insertInto('repositories')
    .values({ ...repository, revision: 0, created_at: 0 } as never)
    .execute();
  for (let index = 0; index < 2500; index += 500) {
    const names = Array.from({ length: 500 }, (_, offset) => `My_Package_${index + offset}`);
    const status = { status: 'active', status_reason: '', revision: 1, file_count: 1 };
    const rows = names.map((name) => ({ repository_id: 1, name, display_name: name, ...status }));
    await db
      .insertInto('packages')
      .values(rows as never)
      .execute();
  }
  await db.destroy();
}
