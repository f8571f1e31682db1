import { Database as SqliteHandle } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from './database.ts';
import { insertInstance, readInstance } from './queries/instance.ts';

let folder: string;
let path: string;
let database: Database;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'packyard-database-'));
  path = join(folder, 'packyard.db');
  database = await openDatabase(`sqlite:${path}`);
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the database', () => {
  test('is in WAL mode, and durable at each commit', () => {
    const handle = new SqliteHandle(path);
    expect(handle.query('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    handle.close();
  });

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

  test('has another change stamp after a commit of its own or of another process, and the same without one', async () => {
    const before = database.changeStamp();
    expect(database.changeStamp()).toBe(before);
    await database.write((trx) => insertInstance(trx, 'own', 'yes'));
    const own = database.changeStamp();
    expect(own).not.toBe(before);
    const other = await openDatabase(`sqlite:${path}`);
    await other.write((trx) => insertInstance(trx, 'other', 'yes'));
    await other.close();
    // Asked in another turn of the event loop, as a later request would.
    await Bun.sleep(1);
    expect(database.changeStamp()).not.toBe(own);
  });

  test('is brought up to date by whoever comes first, also when many come together', async () => {
    const fresh = join(folder, 'fresh.db');
    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase(`sqlite:${fresh}`)));
    for (const each of opened) expect(await readInstance(each.read, 'none')).toBeUndefined();
    await Promise.all(opened.map((each) => each.close()));
  });

  test('runs transactions one after another, whoever waits', async () => {
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

  test('says so when it is locked by another process; who waits in line waits no longer than the first', async () => {
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
  }, 20_000);

  test('refuses a file that is no database, and says what to look at', async () => {
    const wrong = join(folder, 'wrong.db');
    writeFileSync(wrong, 'this is not a database, however long the text may be that stands in it'.repeat(20));
    await expect(openDatabase(`sqlite:${wrong}`)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
