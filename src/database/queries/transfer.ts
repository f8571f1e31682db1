import { type Kysely, sql } from 'kysely';
import type { Queryable } from '../tables.ts';
import { OWN_FACTS } from './transfer-marks.ts';
import type { TransferTable } from './transfer-tables.ts';

export type TransferValue = string | number | null | Uint8Array;
export type TransferRow = Readonly<Record<string, TransferValue>>;

/** Values and bytes that one statement carries: less than the least that any database takes. */
const MAX_VALUES = 20_000;
const MAX_BYTES = 1 << 20;
const MAX_ROWS = 200;
/** Rows that one statement deletes. */
const DELETED_AT_ONCE = 10_000;

/** The same connection for tables that are known only when the program runs. */
function untyped(db: Queryable): Kysely<Record<string, Record<string, TransferValue>>> {
  return db as unknown as Kysely<Record<string, Record<string, TransferValue>>>;
}

/** The next rows of a table in the order of its key, which is the same in every database. */
export async function readTransferRows(
  db: Queryable,
  table: TransferTable,
  after: TransferRow | undefined,
  limit: number,
): Promise<readonly TransferRow[]> {
  let query = untyped(db).selectFrom(table.name).select(table.columns).limit(limit);
  for (const column of table.key) query = query.orderBy(column);
  const [first, second] = table.key;
  if (after && first !== undefined) {
    query = query.where(first, second === undefined ? '>' : '>=', after[first] ?? null);
    // As two conditions, which every database looks up in the key's index; it would not do so with `(a, b) > (x, y)`.
    if (second !== undefined)
      query = query.where((row) =>
        row.or([row(first, '>', after[first] ?? null), row(second, '>', after[second] ?? null)]),
      );
  }
  if (table.name === 'instance') query = query.where('name', 'not in', OWN_FACTS);
  return query.execute();
}

/** Adds rows, in statements of a size that every database takes. */
export async function insertTransferRows(
  trx: Queryable,
  table: TransferTable['name'],
  rows: readonly TransferRow[],
): Promise<void> {
  for (const piece of pieces(rows)) await untyped(trx).insertInto(table).values(piece).execute();
}

function* pieces(rows: readonly TransferRow[]): Iterable<readonly TransferRow[]> {
  let piece: TransferRow[] = [];
  let values = 0;
  let bytes = 0;
  for (const row of rows) {
    const all = Object.values(row);
    const size = all.reduce<number>((sum, value) => sum + sizeOf(value), 0);
    const full = piece.length >= MAX_ROWS || values + all.length > MAX_VALUES || bytes + size > MAX_BYTES;
    if (full && piece.length > 0) {
      yield piece;
      piece = [];
      values = 0;
      bytes = 0;
    }
    piece.push(row);
    values += all.length;
    bytes += size;
  }
  if (piece.length > 0) yield piece;
}

function sizeOf(value: TransferValue): number {
  if (value instanceof Uint8Array) return value.byteLength;
  return typeof value === 'string' ? value.length : 8;
}

export async function countTransferRows(db: Queryable, table: TransferTable['name']): Promise<number> {
  const { count } = await untyped(db)
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Deletes some rows of a table, those with the lowest keys; returns whether more may be left. */
export async function deleteTransferRows(trx: Queryable, table: TransferTable): Promise<boolean> {
  const [first = '', second] = table.key;
  let next = untyped(trx).selectFrom(table.name).select(table.key).limit(1).offset(DELETED_AT_ONCE);
  for (const column of table.key) next = next.orderBy(column);
  const last = await next.executeTakeFirst();
  let query = untyped(trx).deleteFrom(table.name);
  if (last) {
    query = query.where(first, '<=', last[first] ?? null);
    // Of the rows that share the first column there may be very many.
    if (second !== undefined)
      query = query.where((row) =>
        row.or([row(first, '<', last[first] ?? null), row(second, '<=', last[second] ?? null)]),
      );
  }
  if (table.name === 'instance') query = query.where('name', 'not in', OWN_FACTS);
  await query.execute();
  return last !== undefined;
}

/** The migration up to which the tables have been brought. */
export async function readLevel(db: Queryable): Promise<string> {
  const { rows } = await sql<{ level: string }>`select max(name) as level from kysely_migration`.execute(db);
  return rows[0]?.level ?? '';
}

/** Where a blob is in use, as `format/repository: path`, at most `limit` places of what is there now. */
export async function listBlobUses(db: Queryable, sha256: string, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('blobs')
    .innerJoin('files', 'files.blob_id', 'blobs.id')
    .innerJoin('memberships', 'memberships.file_id', 'files.id')
    .innerJoin('repositories', 'repositories.id', 'memberships.repository_id')
    .select(['repositories.format', 'repositories.name', 'memberships.path'])
    .where('blobs.sha256', '=', sha256)
    .distinct()
    .orderBy('repositories.format')
    .orderBy('repositories.name')
    .orderBy('memberships.path')
    .limit(limit)
    .execute();
  const layers = await db
    .selectFrom('blobs')
    .innerJoin('package_blobs', 'package_blobs.blob_id', 'blobs.id')
    .innerJoin('packages', 'packages.id', 'package_blobs.package_id')
    .innerJoin('repositories', 'repositories.id', 'packages.repository_id')
    .select(['repositories.format', 'repositories.name', 'packages.name as package', 'package_blobs.digest'])
    .where('blobs.sha256', '=', sha256)
    .orderBy('package_blobs.id')
    .limit(limit)
    .execute();
  return [
    ...rows.map(({ format, name, path }) => `${format}/${name}: ${path}`),
    ...layers.map(({ format, name, package: of, digest }) => `${format}/${name}: ${of}@${digest}`),
  ].slice(0, limit);
}
