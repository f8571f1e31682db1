import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type Database, openDatabase } from '../database/database.ts';
import { insertLease } from '../database/queries/leases.ts';
import { LEASE_TTL, withLease } from './lease.ts';

let database: Database;
beforeEach(async () => {
  database = await openDatabase('sqlite::memory:');
});
afterEach(() => database.close());

describe('a lease', () => {
  test('lets one at a time do the work, the others in turn', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await Bun.sleep(5);
      inside -= 1;
      return 'done';
    };
    const results = await Promise.all([1, 2, 3].map(() => withLease(database, 'build', work, { wait: true })));
    expect(results).toEqual(['done', 'done', 'done']);
    expect(most).toBe(1);
  });

  test('is given up at once when there is nothing left to wait for', async () => {
    let finish = (): void => {};
    const first = withLease(database, 'build', () => new Promise<void>((resolve) => (finish = resolve)));
    await Bun.sleep(20);
    const second = await withLease(database, 'build', async () => 'twice', { wait: true, until: async () => true });
    expect(second).toBeUndefined();
    finish();
    await first;
  });

  test('is refused while its holder is alive, to whoever does not want to wait', async () => {
    let finish = (): void => {};
    const first = withLease(database, 'build', () => new Promise<void>((resolve) => (finish = resolve)));
    await Bun.sleep(20);
    expect(await withLease(database, 'build', async () => 'twice')).toBeUndefined();
    finish();
    await first;
    expect(await withLease(database, 'build', async () => 'free again')).toBe('free again');
  }, 20_000);

  test('survives the death of its holder: it is taken over when nobody has raised its beat for a while', async () => {
    await database.write((trx) => insertLease(trx, 'build', 'somebody who died'));
    const begun = performance.now();
    expect(await withLease(database, 'build', async () => 'taken over')).toBe('taken over');
    expect(performance.now() - begun).toBeGreaterThan(LEASE_TTL * 0.9);
  }, 30_000);

  test('is given back when the work fails', async () => {
    const failing = withLease(database, 'build', async () => {
      throw new Error('failed');
    });
    await expect(failing).rejects.toThrow('failed');
    expect(await withLease(database, 'build', async () => 'free')).toBe('free');
  });
});
