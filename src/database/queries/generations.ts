import type { Selectable } from 'kysely';
import { inBatches } from '../in-batches.ts';
import type { Queryable, Tables } from '../tables.ts';
import { insertIfAbsent } from './insert.ts';

export type GenerationRow = Selectable<Tables['generations']>;

/** The number of an index's present generation. */
export async function findNewestGeneration(
  db: Queryable,
  repositoryId: number,
  name: string,
): Promise<number | undefined> {
  const row = await generations(db, repositoryId, name)
    .select('number')
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.number;
}

/** The last `limit` generations after this number, the oldest first. */
export async function listGenerationsAfter(
  db: Queryable,
  repositoryId: number,
  name: string,
  after: number,
  limit: number,
): Promise<GenerationRow[]> {
  const rows = await generations(db, repositoryId, name)
    .selectAll()
    .where('number', '>', after)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
  return rows.reverse();
}

export async function findGeneration(
  db: Queryable,
  repositoryId: number,
  name: string,
  number: number,
): Promise<GenerationRow | undefined> {
  return generations(db, repositoryId, name).selectAll().where('number', '=', number).executeTakeFirst();
}

/** The first generation that had a document with this digest. */
export async function findGenerationOf(
  db: Queryable,
  repositoryId: number,
  name: string,
  sha256: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('generation_documents')
    .select('number')
    .where('repository_id', '=', repositoryId)
    .where('name', '=', name)
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  return row?.number;
}

/** Adds the next generation. False when somebody else has added one with this number. */
export async function insertGeneration(
  trx: Queryable,
  row: GenerationRow,
  newDocuments: readonly string[],
): Promise<boolean> {
  if (!(await insertIfAbsent(trx, 'generations', row))) return false;
  await noteDocuments(trx, row, newDocuments);
  return true;
}

/** The newest generation that was made before this time: all older ones had been replaced by then. */
export async function findGenerationBefore(
  db: Queryable,
  repositoryId: number,
  name: string,
  before: number,
): Promise<GenerationRow | undefined> {
  return generations(db, repositoryId, name)
    .selectAll()
    .where('made_at', '<', before)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Forgets all generations before this one, but not the documents that it still has. */
export async function deleteGenerationsBefore(
  trx: Queryable,
  oldest: GenerationRow,
  documents: readonly string[],
): Promise<void> {
  const { repository_id, name, number } = oldest;
  for (const some of inBatches([...new Set(documents)]))
    await trx
      .updateTable('generation_documents')
      .set({ number })
      .where('repository_id', '=', repository_id)
      .where('name', '=', name)
      .where('sha256', 'in', some)
      .where('number', '<', number)
      .execute();
  for (const table of ['generation_documents', 'generations'] as const) {
    await trx
      .deleteFrom(table as 'generations')
      .where('repository_id', '=', repository_id)
      .where('name', '=', name)
      .where('number', '<', number)
      .execute();
  }
}

async function noteDocuments(
  trx: Queryable,
  { repository_id, name, number }: GenerationRow,
  documents: readonly string[],
): Promise<void> {
  for (const some of inBatches([...new Set(documents)])) {
    await trx
      .deleteFrom('generation_documents')
      .where('repository_id', '=', repository_id)
      .where('name', '=', name)
      .where('sha256', 'in', some)
      .execute();
    await trx
      .insertInto('generation_documents')
      .values(some.map((sha256) => ({ repository_id, name, sha256, number })))
      .execute();
  }
}

function generations(db: Queryable, repositoryId: number, name: string) {
  return db.selectFrom('generations').where('repository_id', '=', repositoryId).where('name', '=', name);
}
