import type { Insertable } from 'kysely';
import type { Queryable, Tables } from '../tables.ts';

/** Adds a line to the audit log. */
export async function insertEvent(trx: Queryable, event: Insertable<Tables['events']>): Promise<void> {
  await trx.insertInto('events').values(event).execute();
}

/** The newest first, before `before`. */
export async function listEvents(db: Queryable, page: { readonly before?: number; readonly limit: number }) {
  let query = db.selectFrom('events').selectAll().orderBy('id', 'desc').limit(page.limit);
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  return query.execute();
}
