import type { Queryable } from '../tables.ts';

/** What somebody chose for one index, as JSON text. */
export async function findIndexSettings(
  db: Queryable,
  repositoryId: number,
  name: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('index_settings')
    .select('settings_json')
    .where('repository_id', '=', repositoryId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.settings_json;
}

/** The names of a repository's indices for which somebody chose something. */
export async function listIndexSettings(db: Queryable, repositoryId: number) {
  return db
    .selectFrom('index_settings')
    .select(['name', 'settings_json'])
    .where('repository_id', '=', repositoryId)
    .orderBy('name')
    .execute();
}

export async function replaceIndexSettings(
  trx: Queryable,
  repositoryId: number,
  name: string,
  settingsJson: string | undefined,
): Promise<void> {
  await trx.deleteFrom('index_settings').where('repository_id', '=', repositoryId).where('name', '=', name).execute();
  if (settingsJson === undefined) return;
  await trx
    .insertInto('index_settings')
    .values({ repository_id: repositoryId, name, settings_json: settingsJson })
    .execute();
}
