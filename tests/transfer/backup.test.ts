import { describe, expect, test } from 'bun:test';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { basic, bearer, putFile } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { filesBelow } from '../support/staging.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';
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

async function backUp(server: TestServer, folder: TempFolder, ...args: readonly string[]) {
  const result = await packyard('backup', folder.path, ...args, '--json', ...server.placeFlags);
  expect(result).toMatchObject({ code: 0 });
  return JSON.parse(result.stdout) as {
    snapshot: string;
    blobs: { count: number; copied: number };
    removed: { snapshots: string[]; blobs: number };
  };
}

function blobPath(folder: TempFolder, text: string): string {
  const digest = sha256(Buffer.from(text));
  return folder.join('blobs', 'sha256', digest.slice(0, 2), digest);
}

function blobsIn(folder: TempFolder): readonly string[] {
  if (!existsSync(folder.join('blobs'))) return [];
  return filesBelow(folder.join('blobs')).filter((path) => path.startsWith('sha256/'));
}

describe('a backup that is restored', () => {
  test('is the same instance: rows, bytes, tokens; and it goes on counting', async () => {
    await using server = await TestServer.start();
    const reader = await fillInstance(server);
    const before = await describeInstance(server);
    using folder = new TempFolder('backup');
    await backUp(server, folder);
    await using places = await EmptyPlaces.create();
    const restored = await packyard('restore', folder.path, ...places.flags);
    expect(restored).toMatchObject({ code: 0 });
    expect(restored.stdout).toContain('is restored: 6 repositories');
    expect(await describeTables(places.database)).toEqual(await describeTables(server.databaseUrl));

    await using copy = await places.serve(server.adminToken);
    expect(await describeInstance(copy)).toEqual(before);
    const simple = `${copy.url}/repo/pypi/tools/tool/`;
    expect((await fetch(simple)).status).toBe(401);
    expect(await (await fetch(simple, { headers: basic(reader) })).text()).toContain('tool-2.0');
    // New rows get numbers of their own.
    await fillMore(copy);
    expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 0 });
  });

  test('has everything that was acknowledged before it began, and is whole, though uploads went on all the time', async () => {
    await using server = await TestServer.start();
    await putMany(server, 'before', 60);
    let running = true;
    let uploaded = 0;
    const uploading = (async () => {
      for (; running; uploaded += 1) {
        const path = `during/p/${uploaded}/f`;
        expect((await putFile(server, path, `bytes ${uploaded}`)).status).toBe(201);
        const doomed = `${server.url}/repo/generic/${path}`;
        if (uploaded % 3 === 0) await fetch(doomed, { method: 'DELETE', headers: bearer(server.adminToken) });
      }
    })();
    await eventually('uploads are under way', () => uploaded > 20);
    using folder = new TempFolder('backup');
    const acknowledged = uploaded;
    await backUp(server, folder);
    await eventually('uploads go on', () => uploaded > acknowledged);
    running = false;
    await uploading;

    await using places = await EmptyPlaces.create();
    expect(await packyard('restore', folder.path, ...places.flags)).toMatchObject({ code: 0 });
    expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 0 });
    await using copy = await places.serve(server.adminToken);
    const text = async (path: string) => {
      const response = await fetch(`${copy.url}/repo/generic/${path}`);
      return response.ok ? response.text() : `status ${response.status}`;
    };
    for (let index = 0; index < 60; index += 1) expect(await text(`before/p/${index}/f`)).toBe(`before ${index}`);
    for (let index = 0; index < acknowledged; index += 1)
      if (index % 3 !== 0) expect(await text(`during/p/${index}/f`)).toBe(`bytes ${index}`);
    await describeInstance(copy);
  });
});

async function fillMore(server: TestServer): Promise<void> {
  for (const repository of ['new', 'first', 'mutable'])
    expect((await putFile(server, `${repository}/other/7/new.bin`, `new in ${repository}`)).status).toBe(201);
}

describe('a folder of backups', () => {
  test('gets only what is new, is for the owner alone, and says what it is', async () => {
    await using server = await TestServer.start();
    await putMany(server, 'files', 20);
    using folder = new TempFolder('backup');
    expect((await backUp(server, folder)).blobs).toMatchObject({ count: 20, copied: 20 });
    await putFile(server, 'files/new/1/f', 'new');
    expect((await backUp(server, folder)).blobs).toMatchObject({ count: 21, copied: 1 });
    const listed = await packyard('backup', '--list', folder.path);
    expect(listed.stdout.trim().split('\n')).toHaveLength(3);
    for (const path of filesBelow(folder.join('snapshots')))
      if (path.endsWith('.zst')) expect(statSync(folder.join('snapshots', path)).mode & 0o077).toBe(0);
    expect(readFileSync(folder.join('README.txt'), 'utf8')).toContain('packyard restore');
  });

  test('keeps as many snapshots as it is told to, and the bytes that they need', async () => {
    await using server = await TestServer.start();
    await putFile(server, 'files/p/1/f', 'deleted soon');
    await putFile(server, 'files/p/2/f', 'stays');
    using folder = new TempFolder('backup');
    const first = await backUp(server, folder);
    await fetch(`${server.url}/repo/generic/files/p/1/f`, { method: 'DELETE', headers: bearer(server.adminToken) });
    expect(await packyard('gc', '--grace', '0', ...server.placeFlags)).toMatchObject({ code: 0 });
    await backUp(server, folder);
    expect(existsSync(blobPath(folder, 'deleted soon'))).toBe(true);
    const third = await backUp(server, folder, '--keep', '2');
    expect(third.removed).toMatchObject({ snapshots: [first.snapshot], blobs: 1 });
    expect(existsSync(blobPath(folder, 'deleted soon'))).toBe(false);
    expect(existsSync(blobPath(folder, 'stays'))).toBe(true);
  });

  test('that is used for something else is refused', async () => {
    await using server = await TestServer.start();
    using folder = new TempFolder('backup');
    writeFileSync(folder.join('letter.txt'), 'dear all');
    const result = await packyard('backup', folder.path, ...server.placeFlags);
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain('has other things in it');
    expect(readdirSync(folder.path)).toEqual(['letter.txt']);
  });

  test('does not count a backup that was broken off, and the next one is whole', async () => {
    await using server = await TestServer.start();
    await putMany(server, 'files', 300);
    using folder = new TempFolder('backup');
    const child = startPackyard('backup', folder.path, ...server.placeFlags);
    await killWhen(child, () => blobsIn(folder).length > 10);
    expect(blobsIn(folder).length).toBeLessThan(300);
    await using places = await EmptyPlaces.create();
    const restored = await packyard('restore', folder.path, ...places.flags);
    expect(restored).toMatchObject({ code: 3 });
    expect(restored.stderr).toContain('no complete snapshot');

    const again = await backUp(server, folder);
    expect(again.blobs.count).toBe(300);
    expect(again.blobs.copied).toBeLessThan(300);
    expect(readdirSync(folder.join('snapshots'))).toEqual([again.snapshot]);
    expect(await packyard('restore', folder.path, ...places.flags)).toMatchObject({ code: 0 });
    expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 0 });
  });
});

describe('packyard restore', () => {
  test('leaves an instance that is in use alone', async () => {
    await using server = await TestServer.start();
    await putFile(server, 'files/p/1/f', 'text');
    using folder = new TempFolder('backup');
    await backUp(server, folder);
    const before = await describeTables(server.databaseUrl);
    const result = await packyard('restore', folder.path, ...server.placeFlags);
    expect(result).toMatchObject({ code: 5 });
    expect(result.stderr).toContain('is not empty');
    expect(await describeTables(server.databaseUrl)).toEqual(before);
  });

  test('makes nothing of damaged rows', async () => {
    await using server = await TestServer.start();
    await putFile(server, 'files/p/1/f', 'text');
    using folder = new TempFolder('backup');
    const { snapshot } = await backUp(server, folder);
    const path = folder.join('snapshots', snapshot, 'memberships.jsonl.zst');
    const bytes = readFileSync(path);
    for (const damaged of [bytes.subarray(0, bytes.length - 7), Buffer.from(bytes).fill(0, 20, 24), Buffer.alloc(0)]) {
      writeFileSync(path, damaged);
      await using places = await EmptyPlaces.create('folder');
      const result = await packyard('restore', folder.path, ...places.flags);
      expect(result).toMatchObject({ code: 6 });
      expect(result.stderr).toContain('memberships.jsonl.zst is damaged: nothing was restored');
      expect(filesBelow(places.folder.path)).toEqual([]);
    }
  });

  test('does not let a half restored instance be served while bytes are damaged, and finishes when they are there', async () => {
    await using server = await TestServer.start();
    await putMany(server, 'files', 10);
    await putFile(server, 'files/p/x/broken', 'these bytes break');
    using folder = new TempFolder('backup');
    await backUp(server, folder);
    const damaged = blobPath(folder, 'these bytes break');
    writeFileSync(damaged, 'THESE bytes break');
    await using places = await EmptyPlaces.create();
    const result = await packyard('restore', folder.path, ...places.flags);
    expect(result).toMatchObject({ code: 6 });
    expect(result.stderr).toContain('has other bytes\n  needed by generic/files: p/x/broken');
    for (const command of ['serve', 'fsck', 'gc', 'backup']) {
      const args = command === 'backup' ? [folder.path] : command === 'serve' ? ['--listen', '127.0.0.1:0'] : [];
      const refused = await packyard(command, ...args, ...places.flags);
      expect(refused).toMatchObject({ code: 7 });
      expect(refused.stderr).toContain('this database is half filled: the restore of');
    }

    // A backup that verifies what is there mends the folder.
    expect((await backUp(server, folder, '--verify')).blobs.copied).toBe(1);
    const snapshot = readdirSync(folder.join('snapshots')).sort()[0] ?? '';
    expect(await packyard('restore', folder.path, ...places.flags)).toMatchObject({ code: 5 });
    const finished = await packyard('restore', folder.path, '--snapshot', snapshot, ...places.flags);
    expect(finished).toMatchObject({ code: 0 });
    await using copy = await places.serve(server.adminToken);
    expect(await (await fetch(`${copy.url}/repo/generic/files/p/x/broken`)).text()).toBe('these bytes break');
  });

  test('goes without bytes that are lost for ever when it is told to', async () => {
    await using server = await TestServer.start();
    await putMany(server, 'files', 5);
    await putFile(server, 'files/p/x/lost', 'these bytes are lost');
    using folder = new TempFolder('backup');
    await backUp(server, folder);
    rmSync(blobPath(folder, 'these bytes are lost'));
    await using places = await EmptyPlaces.create();
    expect(await packyard('restore', folder.path, ...places.flags)).toMatchObject({ code: 6 });
    const accepted = await packyard('restore', folder.path, '--accept-damage', ...places.flags);
    expect(accepted).toMatchObject({ code: 6 });
    expect(accepted.stdout).toContain('is restored');
    await using copy = await places.serve(server.adminToken);
    expect(await (await fetch(`${copy.url}/repo/generic/files/p/0/f`)).text()).toBe('files 0');
    // The next upload of these bytes heals it.
    expect((await putFile(copy, 'files/p/y/found', 'these bytes are lost')).status).toBe(201);
    expect(await (await fetch(`${copy.url}/repo/generic/files/p/x/lost`)).text()).toBe('these bytes are lost');
  });

  test('goes on after kill -9, and stores no bytes twice', async () => {
    await using server = await TestServer.start();
    await putMany(server, 'files', 400);
    using folder = new TempFolder('backup');
    await backUp(server, folder);
    await using places = await EmptyPlaces.create('folder');
    const objects = () =>
      existsSync(places.folder.join('blobs'))
        ? filesBelow(places.folder.join('blobs')).filter((path) => path.startsWith('blobs-v1/'))
        : [];
    const child = startPackyard('restore', folder.path, ...places.flags);
    await killWhen(child, () => objects().length > 150);
    expect(await incompleteWork(places.database)).toStartWith('restore of ');
    expect(await packyard('serve', '--listen', '127.0.0.1:0', ...places.flags)).toMatchObject({ code: 7 });

    expect(await packyard('restore', folder.path, ...places.flags)).toMatchObject({ code: 0 });
    expect(await incompleteWork(places.database)).toBeUndefined();
    expect(await describeTables(places.database)).toEqual(await describeTables(server.databaseUrl));
    // What was stored but not noted yet when it was killed is garbage: one group at the most.
    expect(objects().length).toBeGreaterThanOrEqual(400);
    expect(objects().length).toBeLessThanOrEqual(500);
    expect(await packyard('fsck', ...places.flags)).toMatchObject({ code: 0 });
  });
});

test('bytes that the instance has lost are reported with the files that need them; all others are in the backup', async () => {
  await using server = await TestServer.start({ storage: 'folder' });
  await putMany(server, 'files', 5);
  await putFile(server, 'files/p/x/lost', 'lost here');
  const digest = sha256(Buffer.from('lost here'));
  const objects = join(server.dataDir, 'blobs', 'blobs-v1', 'sha256', digest.slice(0, 2));
  const [name = ''] = readdirSync(objects).filter((entry) => entry.startsWith(digest));
  using aside = new TempFolder('aside');
  renameSync(join(objects, name), aside.join(name));
  using folder = new TempFolder('backup');
  expect(await packyard('backup', folder.path, ...server.placeFlags)).toMatchObject({ code: 6 });
  // No older snapshot goes then: it may have what is lost.
  const result = await packyard('backup', folder.path, '--keep', '1', ...server.placeFlags);
  expect(result).toMatchObject({ code: 6 });
  expect(readdirSync(folder.join('snapshots'))).toHaveLength(2);
  expect(result.stderr).toContain(`sha256:${digest}`);
  expect(result.stderr).toContain('needed by generic/files: p/x/lost');
  expect(blobsIn(folder)).toHaveLength(5);
  expect((await packyard('backup', '--list', folder.path)).stdout).toMatch(/ 6 .* 1$/m);
  cpSync(aside.join(name), join(objects, name));
  expect(await packyard('backup', folder.path, ...server.placeFlags)).toMatchObject({ code: 0 });
});
