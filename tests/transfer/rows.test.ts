import { expect, test } from 'bun:test';
import { openDatabase } from '../../src/database/database.ts';
import {
  countTransferRows,
  deleteTransferRows,
  insertTransferRows,
  type TransferRow,
} from '../../src/database/queries/transfer.ts';
import { TRANSFER_TABLES } from '../../src/database/queries/transfer-tables.ts';
import { readPages } from '../../src/registry/transfer/row-pages.ts';
import { decodeRow, encodeRow } from '../../src/registry/transfer/row-text.ts';
import { createTestDatabase } from '../support/test-database.ts';

const REVISIONS = 10_500;

test('a table with a key of two columns is read and deleted in pieces, though many rows share the first', async () => {
  const place = await createTestDatabase();
  const database = await openDatabase(place.url);
  const revisions = TRANSFER_TABLES.find(({ name }) => name === 'revisions');
  if (!revisions) throw new Error('there is no such table');
  const repositories = [1, 2, 3].map((id) => ({
    ...{ id, format: 'generic', name: `r${id}`, visibility: 'default', write_policy: 'immutable' },
    ...{ revision: 0, created_at: 0, file_count: 0, keep_empty: 1, downloads: 'default' },
  }));
  const rows: TransferRow[] = [];
  for (const [repository_id, count] of [
    [1, 3],
    [2, REVISIONS],
    [3, 2],
  ] as const)
    for (let number = 1; number <= count; number += 1)
      rows.push({ repository_id, number, actor: 'a', reason: '“é” 📦', at: number });
  await database.write(async (trx) => {
    await insertTransferRows(trx, 'repositories', repositories);
    await insertTransferRows(trx, 'revisions', rows);
  });
  const read: TransferRow[] = [];
  for await (const page of readPages(database.read, revisions)) read.push(...page.rows);
  expect(read.map((row) => encodeRow(row, revisions.columns))).toEqual(
    rows.map((row) => encodeRow(row, revisions.columns)),
  );
  expect(await database.write((trx) => deleteTransferRows(trx, revisions))).toBe(true);
  const left = await countTransferRows(database.read, 'revisions');
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(rows.length);
  expect(await database.write((trx) => deleteTransferRows(trx, revisions))).toBe(false);
  expect(await countTransferRows(database.read, 'revisions')).toBe(0);
  await database.close();
  await place.dispose();
});

test('a row is the same after it has been text', () => {
  const row = {
    id: 1,
    big: Number.MAX_SAFE_INTEGER,
    name: 'a\n"b"\u0001 📦',
    nothing: null,
    content: new Uint8Array([0, 255, 10]),
  };
  const decoded = decodeRow(encodeRow(row, Object.keys(row)));
  expect({ ...decoded, content: new Uint8Array(decoded.content as Uint8Array) }).toEqual(row);
  expect(encodeRow(row, Object.keys(row))).not.toContain('\n');
});
