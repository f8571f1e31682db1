import { type Kysely, type Migration, sql } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';
import { STILL_THERE } from '../tables.ts';

/** What is deleted, when it goes for good and who works on that; documents that replicas share. */
export const lifetimes = (types: ColumnTypes): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const repositories = db.schema.alterTable('repositories');
    await repositories.addColumn('file_count', types.bigint, (column) => column.notNull().defaultTo(0)).execute();
    // Those that are there already stay, also when they are empty: somebody may have chosen their settings.
    await repositories.addColumn('keep_empty', types.integer, (column) => column.notNull().defaultTo(1)).execute();
    await repositories
      .addColumn('downloads', types.string(16), (column) => column.notNull().defaultTo('default'))
      .execute();
    await repositories.addColumn('keep_versions', types.integer).execute();
    await repositories.addColumn('keep_days', types.integer).execute();
    await repositories.addColumn('removed_at', types.bigint).execute();
    await repositories.addColumn('removed_name', types.string(128)).execute();
    await sql`update repositories set file_count = (
      select count(*) from memberships
      where memberships.repository_id = repositories.id and memberships.removed_in = ${STILL_THERE}
    )`.execute(db);

    const ended = db.schema.createIndex('memberships_ended').on('memberships').columns(['repository_id', 'removed_in']);
    await (types.partialIndexes ? ended.where('removed_in', '<', sql.lit(STILL_THERE)) : ended).execute();

    await types
      .table(db, 'leases')
      .addColumn('name', types.string(255), (column) => column.primaryKey())
      .addColumn('holder', types.string(64), (column) => column.notNull())
      .addColumn('beat', types.bigint, (column) => column.notNull())
      .execute();

    await types
      .table(db, 'documents')
      .addColumn('name', types.string(255), (column) => column.primaryKey())
      .addColumn('revision', types.bigint, (column) => column.notNull())
      .addColumn('storage_key', types.string(255), (column) => column.notNull())
      .addColumn('size', types.bigint, (column) => column.notNull())
      .addColumn('built_at', types.bigint, (column) => column.notNull())
      .execute();
  },
});
