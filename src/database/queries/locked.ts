import type { SelectQueryBuilder } from 'kysely';
import type { Queryable, Tables } from '../tables.ts';
import { traitsOf } from '../traits.ts';

/** Locks the rows that a query finds until the transaction ends; where a transaction has the whole database, it has them already. */
export function locked<Table extends keyof Tables, Row>(
  trx: Queryable,
  query: SelectQueryBuilder<Tables, Table, Row>,
): SelectQueryBuilder<Tables, Table, Row> {
  return traitsOf(trx).rowLocks ? query.forUpdate() : query;
}
