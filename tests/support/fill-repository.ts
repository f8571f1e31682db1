import { openDatabase } from '../../src/database/database.ts';
import { STILL_THERE } from '../../src/database/tables.ts';

const BATCH = 500;

/**
 * Puts many projects of one file into a PyPI repository, straight into the tables: publishing so many would take minutes. All
 * share the blob of a file that has been published in it before.
 */
export async function fillRepository(databaseUrl: string, repository: string, projects: number): Promise<void> {
  const database = await openDatabase(databaseUrl);
  try {
    await database.write(async (trx) => {
      const { id } = await trx
        .selectFrom('repositories')
        .select('id')
        .where('format', '=', 'pypi')
        .where('name', '=', repository)
        .executeTakeFirstOrThrow();
      const model = await trx
        .selectFrom('memberships')
        .select(['file_id', 'added_at', 'added_by', 'added_in'])
        .where('repository_id', '=', id)
        .executeTakeFirstOrThrow();
      for (let begin = 0; begin < projects; begin += BATCH) {
        const names = Array.from(
          { length: Math.min(BATCH, projects - begin) },
          (_, index) => `filler-${begin + index}`,
        );
        const packages = names.map((name) => ({
          ...{
            repository_id: id,
            name,
            display_name: name,
            search_name: name,
            status: 'active',
            status_reason: '',
            revision: 1,
          },
          file_count: 1,
        }));
        await trx.insertInto('packages').values(packages).execute();
        const added = await trx
          .selectFrom('packages')
          .select(['id', 'name'])
          .where('repository_id', '=', id)
          .where('name', 'in', names)
          .execute();
        await trx
          .insertInto('versions')
          .values(added.map((row) => ({ package_id: row.id, version: '1.0' })))
          .execute();
        const versions = await trx
          .selectFrom('versions')
          .select(['id', 'package_id'])
          .where(
            'package_id',
            'in',
            added.map((row) => row.id),
          )
          .execute();
        const nameOf = new Map(added.map((row) => [row.id, row.name]));
        const memberships = versions.map((row) => ({
          ...{ repository_id: id, package_id: row.package_id, version_id: row.id, removed_in: STILL_THERE, ...model },
          ...{ path: `${nameOf.get(row.package_id)}/f.whl`, yanked: null },
        }));
        await trx.insertInto('memberships').values(memberships).execute();
      }
      await trx
        .updateTable('repositories')
        .set((row) => ({ file_count: row('file_count', '+', projects) }))
        .where('id', '=', id)
        .execute();
    });
  } finally {
    await database.close();
  }
}
