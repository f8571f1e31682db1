import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createTestDatabase } from '../../../tests/support/test-database.ts';
import { searchName } from '../../model/search-name.ts';
import { type Database, openDatabase } from '../database.ts';
import { searchPackages } from './search.ts';

/** Characters that mean something to one database or the other, beside some that do not. */
const character = fc.constantFrom(...'aAbc-%_"\'*?\\()^ß', '箱', '📦', 'é', ' ', ':', '{');
const text = (maxLength: number) => fc.string({ unit: character, minLength: 1, maxLength });

test('a search finds what a look at every name finds, whichever way the database takes', async () => {
  const names = fc.sample(text(8), { numRuns: 300, seed: 1 });
  const texts = fc.sample(text(4), { numRuns: 200, seed: 2 });
  const place = await createTestDatabase();
  const database = await openDatabase(place.url);
  const known = await fill(database, [...new Set(names)]);
  for (const searched of texts.map(searchName)) {
    const expected = known.filter((name) => name.includes(searched)).sort(byRank(searched));
    for (const fileCount of [1, 1_000_000]) {
      const repositories = [{ id: 1, fileCount }];
      const found = await searchPackages(database.read, { text: searched, repositories, limit: 1000 });
      expect({ searched, found: found.map((row) => row.search_name) }).toEqual({ searched, found: expected });
    }
  }
  await database.close();
  await place.dispose();
});

/** Puts packages of these names into repository 1; returns the names as searches see them. */
async function fill(database: Database, names: readonly string[]): Promise<string[]> {
  const repository = { format: 'generic', name: 'files', visibility: 'default', write_policy: 'immutable' };
  const rows = names.map((name) => ({
    ...{ repository_id: 1, name, display_name: name, search_name: searchName(name) },
    ...{ status: 'active', status_reason: '', revision: 1, file_count: 1 },
  }));
  await database.write(async (trx) => {
    const none = { keep_versions: null, keep_days: null, removed_at: null, removed_name: null };
    await trx
      .insertInto('repositories')
      .values({ ...repository, ...none, revision: 1, created_at: 0 })
      .execute();
    await trx.insertInto('packages').values(rows).execute();
  });
  return rows.map((row) => row.search_name);
}

function byRank(searched: string) {
  const rank = (name: string): number => (name.startsWith(searched) ? 0 : 1);
  return (left: string, right: string): number =>
    rank(left) - rank(right) || Buffer.compare(Buffer.from(left), Buffer.from(right));
}
