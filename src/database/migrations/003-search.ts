import { type Kysely, type Migration, sql } from 'kysely';
import { searchName } from '../../model/search-name.ts';
import type { ColumnTypes } from '../column-types.ts';

/** Rows that are looked at in one go. */
const PAGE = 1000;

/** Packages are found by their names across repositories. */
export const search = (types: ColumnTypes): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .alterTable('packages')
      .addColumn('search_name', types.string(255), (column) => column.notNull().defaultTo(''))
      .execute();
    await fill(db);
    await db.schema.createIndex('packages_search').on('packages').columns(['search_name', 'repository_id']).execute();
    await types.indexSubstrings(db, 'packages', 'search_name');
  },
});

async function fill(db: Kysely<unknown>): Promise<void> {
  for (let after = 0; ; ) {
    const { rows } = await sql<{ id: number; name: string }>`
      select id, name from packages where id > ${after} order by id limit ${sql.lit(PAGE)}
    `.execute(db);
    for (const { id, name } of rows)
      await sql`update packages set search_name = ${searchName(name)} where id = ${id}`.execute(db);
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
  }
}
