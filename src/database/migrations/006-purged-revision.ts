import type { Kysely, Migration } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

/** Up to which revision it cannot be told any more what went: whoever follows a repository from before begins anew. */
export const purgedRevision = (types: ColumnTypes): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .alterTable('repositories')
      .addColumn('purged_revision', types.bigint, (column) => column.notNull().defaultTo(0))
      .execute();
  },
});
