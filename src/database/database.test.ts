import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { insertInstance, readInstance } from './queries/instance.ts';

let place: TestDatabase;
let database: Database;
beforeEach(async () => {
  place = await createTestDatabase();
  database = await openDatabase(place.url);
});
afterEach(async () => {
  await database.close();
  await place.dispose();
});

/** What allows to keep what was read, however this database tells it; undefined where nothing may be kept. */
async function stampOf(asked: Database): Promise<number | string | undefined> {
  return asked.changeStamp() ?? (await asked.askChangeStamp?.());
}

describe('the database', () => {
  test('shows a commit to readers at once, and nothing of a transaction that failed', async () => {
    await database.write((trx) => insertInstance(trx, 'kept', 'yes'));
    const failed = database.write(async (trx) => {
      await insertInstance(trx, 'lost', 'yes');
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect(await readInstance(database.read, 'kept')).toBe('yes');
    expect(await readInstance(database.read, 'lost')).toBeUndefined();
  });

  test('never has the same change stamp after a commit of its own or of another process', async () => {
    const before = await stampOf(database);
    await database.write((trx) => insertInstance(trx, 'own', 'yes'));
    const own = await stampOf(database);
    if (before !== undefined) expect(own).not.toBe(before);
    const other = await openDatabase(place.url);
    await other.write((trx) => insertInstance(trx, 'other', 'yes'));
    await other.close();
    // Asked in another turn of the event loop, as a later request would.
    await Bun.sleep(1);
    const others = await stampOf(database);
    if (own !== undefined) expect(others).not.toBe(own);
    expect(await readInstance(database.read, 'other')).toBe('yes');
  });

  test('is brought up to date by whoever comes first, also when many come together', async () => {
    const fresh = await createTestDatabase();
    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase(fresh.url)));
    for (const each of opened) expect(await readInstance(each.read, 'none')).toBeUndefined();
    await Promise.all(opened.map((each) => each.close()));
    await fresh.dispose();
  });

  test('lets one of many that note the same fact at the same time be the first', async () => {
    const noted = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        database.write(async (trx) => ((await insertInstance(trx, 'first', String(index))) ? index : undefined)),
      ),
    );
    const winners = noted.filter((index) => index !== undefined);
    expect(winners.length).toBe(1);
    expect(await readInstance(database.read, 'first')).toBe(String(winners[0]));
  });

  test('reads many things as they were at one moment, while others go on writing', async () => {
    await database.write((trx) => insertInstance(trx, 'before', 'yes'));
    await database.snapshot(async (trx) => {
      expect(await readInstance(trx, 'before')).toBe('yes');
      await database.write((writer) => insertInstance(writer, 'meanwhile', 'yes'));
      expect(await readInstance(trx, 'meanwhile')).toBeUndefined();
    });
    expect(await readInstance(database.read, 'meanwhile')).toBe('yes');
  });

  test('tells texts apart by their bytes, and gives them back as they were', async () => {
    const names = ['name', 'Name', 'NAME', 'name ', ' name', 'näme', 'na\u0308me', 'straße', 'strasse', '📦', ''];
    for (const name of names) {
      expect(await database.write((trx) => insertInstance(trx, name, `value of ${name}`))).toBe(true);
    }
    for (const name of names) expect(await readInstance(database.read, name)).toBe(`value of ${name}`);
    const rows = await database.read
      .selectFrom('instance')
      .select('name')
      .where('name', 'in', names)
      .orderBy('name')
      .execute();
    const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(rows.map((row) => row.name)).toEqual(sorted);
  });
});

test('a database of an unknown kind is refused with the kinds that are known', async () => {
  await expect(openDatabase('oracle://db')).rejects.toMatchObject({
    code: 'invalid_request',
    hint: 'use sqlite:, postgres:// or mysql://',
  });
});
