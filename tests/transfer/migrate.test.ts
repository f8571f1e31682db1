import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bearer, putFile } from '../support/api.ts';
import { filesBelow } from '../support/staging.ts';
import { TestServer } from '../support/start-server.ts';
import { sha256 } from '../support/wheel.ts';
import {
  describeInstance,
  describeTables,
  EmptyPlaces,
  fillInstance,
  incompleteWork,
  killWhen,
  packyard,
  putMany,
  startPackyard,
} from './instance.ts';

function migrate(from: readonly string[], to: EmptyPlaces, ...args: readonly string[]) {
  return packyard('migrate', ...from, '--to-database', to.database, '--to-storage', to.storage, ...args);
}

function objectsIn(folder: string): readonly string[] {
  if (!existsSync(join(folder, 'blobs'))) return [];
  return filesBelow(join(folder, 'blobs')).filter((path) => path.startsWith('blobs-v1/'));
}

/** Where a text lies in the storage of a server. */
function objectOf(server: TestServer, text: string): string {
  const digest = sha256(Buffer.from(text));
  const folder = join(server.dataDir, 'blobs', 'blobs-v1', 'sha256', digest.slice(0, 2));
  return join(folder, readdirSync(folder).find((name) => name.startsWith(digest)) ?? '');
}

describe('packyard migrate', () => {
  test('brings an instance into SQLite and back into the database it came from, with nothing changed', async () => {
    await using server = await TestServer.start();
    await fillInstance(server);
    const before = await describeInstance(server);
    await using sqlite = EmptyPlaces.sqlite();
    await using back = await EmptyPlaces.create();
    const there = await migrate(server.placeFlags, sqlite, '--verify');
    expect(there).toMatchObject({ code: 0 });
    expect(there.stdout).toContain('6 repositories');
    expect(there.stderr).toContain('nothing was changed meanwhile');
    expect(await migrate(sqlite.flags, back)).toMatchObject({ code: 0 });
    const tables = await describeTables(server.databaseUrl);
    expect(await describeTables(sqlite.database)).toEqual(tables);
    expect(await describeTables(back.database)).toEqual(tables);
    for (const places of [sqlite, back]) {
      expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 0 });
      await using copy = await places.serve(server.adminToken);
      expect(await describeInstance(copy)).toEqual(before);
      expect((await putFile(copy, 'new/p/1/f', 'new')).status).toBe(201);
      expect((await putFile(copy, 'first/p/2/f', 'new too')).status).toBe(201);
    }
  });

  test('copies while the server serves, says what was changed meanwhile, and then brings only what is new', async () => {
    await using server = await TestServer.start();
    await fillInstance(server);
    await putMany(server, 'files', 30);
    await using places = EmptyPlaces.sqlite();
    expect(await migrate(server.placeFlags, places)).toMatchObject({ code: 0 });

    await putFile(server, 'files/new/1/f', 'new bytes');
    await putFile(server, 'first/p/9/f', 'shared bytes');
    await fetch(`${server.url}/repo/generic/files/p/3/f`, { method: 'DELETE', headers: bearer(server.adminToken) });
    const before = objectsIn(places.folder.path);
    const again = await migrate(server.placeFlags, places, '--json');
    expect(again).toMatchObject({ code: 0 });
    expect(JSON.parse(again.stdout)).toMatchObject({
      blobs: { copied: 1, copiedBytes: 9 },
      damage: { count: 0 },
      changesSince: 0,
    });
    const after = objectsIn(places.folder.path);
    expect(after.length).toBe(before.length + 1);
    expect(after).toEqual(expect.arrayContaining([...before]));
    expect(await describeTables(places.database)).toEqual(await describeTables(server.databaseUrl));
    expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 0 });
  });

  test('counts what was changed while it copied', async () => {
    await using server = await TestServer.start();
    await putMany(server, 'files', 150);
    await using places = EmptyPlaces.sqlite();
    let running = true;
    const uploading = (async () => {
      for (let index = 0; running; index += 1) await putFile(server, `during/p/${index}/f`, `during ${index}`);
    })();
    const result = await migrate(server.placeFlags, places, '--json');
    running = false;
    await uploading;
    expect(result).toMatchObject({ code: 0 });
    expect(JSON.parse(result.stdout).changesSince).toBeGreaterThan(0);
    expect(result.stderr).toMatch(/^\d+ changes were made in the old database/m);
    expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 0 });
    expect(await migrate(server.placeFlags, places)).toMatchObject({ code: 0 });
    expect(await describeTables(places.database)).toEqual(await describeTables(server.databaseUrl));
  });

  test('goes on after kill -9, again and again, and copies no bytes twice', async () => {
    await using server = await TestServer.start();
    await putMany(server, 'files', 600);
    const before = await describeTables(server.databaseUrl);
    await using places = EmptyPlaces.sqlite();
    for (const reached of [20, 250]) {
      const target = ['--to-database', places.database, '--to-storage', places.storage];
      const child = startPackyard('migrate', ...server.placeFlags, ...target);
      await killWhen(child, () => objectsIn(places.folder.path).length > reached);
      expect(await incompleteWork(places.database)).toStartWith('migration from ');
      const refused = await packyard('serve', '--listen', '127.0.0.1:0', ...places.flags);
      expect(refused).toMatchObject({ code: 7 });
      expect(refused.stderr).toContain('this database is half filled: the migration from');
    }
    expect(await migrate(server.placeFlags, places)).toMatchObject({ code: 0 });
    expect(await describeTables(places.database)).toEqual(before);
    expect(await describeTables(server.databaseUrl)).toEqual(before);
    expect(objectsIn(places.folder.path).length).toBeLessThanOrEqual(800);
    expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 0 });
  });

  test('reports bytes that the old storage has lost, copies all others, and brings them when they are back', async () => {
    await using server = await TestServer.start({ storage: 'folder' });
    await putMany(server, 'files', 10);
    await putFile(server, 'files/p/x/lost', 'lost in the old storage');
    rmSync(objectOf(server, 'lost in the old storage'));
    await using places = EmptyPlaces.sqlite();
    const result = await migrate(server.placeFlags, places);
    expect(result).toMatchObject({ code: 6 });
    expect(result.stderr).toContain('is not there\n  needed by generic/files: p/x/lost');
    expect(objectsIn(places.folder.path)).toHaveLength(10);
    expect(await incompleteWork(places.database)).toBeUndefined();
    expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 6 });

    await putFile(server, 'files/p/y/found', 'lost in the old storage');
    expect(await migrate(server.placeFlags, places)).toMatchObject({ code: 0 });
    expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 0 });
  });

  test('does not undo what was changed in the new places, nor fill places that are in use, nor the old ones', async () => {
    await using server = await TestServer.start();
    await putFile(server, 'files/p/1/f', 'old');
    await using places = await EmptyPlaces.create();
    expect(await migrate(server.placeFlags, places)).toMatchObject({ code: 0 });
    {
      await using copy = await places.serve(server.adminToken);
      expect((await putFile(copy, 'files/p/2/f', 'new')).status).toBe(201);
    }
    const used = await migrate(server.placeFlags, places);
    expect(used).toMatchObject({ code: 5 });
    expect(used.stderr).toContain('has been used since it was filled');
    await using other = await TestServer.start();
    const occupied = await migrate(other.placeFlags, places);
    expect(occupied).toMatchObject({ code: 5 });
    expect(occupied.stderr).toContain('is not empty');
    const itself = await packyard('migrate', ...places.flags, '--to-database', places.database);
    expect(itself).toMatchObject({ code: 2 });
    {
      await using copy = await places.serve(server.adminToken);
      expect(await (await fetch(`${copy.url}/repo/generic/files/p/2/f`)).text()).toBe('new');
    }
  });

  test('leaves the bytes where they are when only the database is another one', async () => {
    await using server = await TestServer.start({ storage: 'folder' });
    await putMany(server, 'files', 10);
    await using places = EmptyPlaces.sqlite();
    const before = objectsIn(server.dataDir);
    const result = await packyard('migrate', ...server.placeFlags, '--to-database', places.database);
    expect(result).toMatchObject({ code: 0 });
    expect(objectsIn(server.dataDir)).toEqual(before);
    expect(objectsIn(places.folder.path)).toEqual([]);
  });
});
