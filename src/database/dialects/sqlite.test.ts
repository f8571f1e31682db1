import { Database as SqliteHandle } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { TempFolder } from '../../../tests/support/temp-folder.ts';
import { sqliteTest } from '../../../tests/support/test-database.ts';
import { type Database, openDatabase } from '../database.ts';
import { insertInstance, readInstance } from '../queries/instance.ts';

let folder: TempFolder;
let path: string;
let database: Database;
beforeEach(async () => {
  folder = new TempFolder('sqlite');
  path = folder.join('packyard.db');
  database = await openDatabase(`sqlite:${path}`);
});
afterEach(async () => {
  await database.close();
  folder.dispose();
});

describe('SQLite', () => {
  sqliteTest('is in WAL mode, and durable at each commit', async () => {
    const handle = new SqliteHandle(path);
    expect(handle.query('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    handle.close();
  });

  sqliteTest('keeps its change stamp while nobody commits', async () => {
    const before = database.changeStamp();
    expect(before).toBeNumber();
    await readInstance(database.read, 'none');
    await Bun.sleep(1);
    expect(database.changeStamp()).toBe(before);
  });

  sqliteTest('runs transactions one after another, whoever waits', async () => {
    const order: number[] = [];
    const work = (number: number) =>
      database.write(async (trx) => {
        await insertInstance(trx, `n${number}`, '');
        await Bun.sleep(1);
        order.push(number);
      });
    await Promise.all([work(1), work(2), work(3)]);
    expect(order).toEqual([1, 2, 3]);
  });

  sqliteTest(
    'says so when it is locked by another process; who waits in line waits no longer than the first',
    async () => {
      const holder = new SqliteHandle(path);
      holder.run('BEGIN IMMEDIATE');
      const waiting = ['a', 'b', 'c'].map((name) => database.write((trx) => insertInstance(trx, name, '')));
      const settled = await Promise.allSettled(waiting);
      holder.run('ROLLBACK');
      for (const each of settled) {
        expect(each.status).toBe('rejected');
        if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'unavailable', retryAfter: 2 });
      }
      await database.write((trx) => insertInstance(trx, 'after', 'yes'));
      expect(await readInstance(database.read, 'after')).toBe('yes');
      holder.close();
    },
  );

  sqliteTest('refuses a file that is no database, and says what to look at', async () => {
    const wrong = folder.join('wrong.db');
    writeFileSync(wrong, 'this is not a database, however long the text may be that stands in it'.repeat(20));
    await expect(openDatabase(`sqlite:${wrong}`)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
