import { describe, expect, test } from 'bun:test';
import { loadConfig } from '../../src/config/load-config.ts';
import { openDatabase } from '../../src/database/database.ts';
import { withLease } from '../../src/registry/lease.ts';
import { MAINTENANCE_LEASE } from '../../src/registry/maintenance/alone.ts';
import { deletesObjects, listsObjects } from '../../src/storage/object-store.ts';
import { openObjectStore } from '../../src/storage/open-object-store.ts';
import { bearer, putFile } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { inCheckout } from '../support/paths.ts';
import { cleanEnvironment, type RunResult, run } from '../support/run.ts';
import { filesBelow } from '../support/staging.ts';
import { TestServer } from '../support/start-server.ts';
import { sha256 } from '../support/wheel.ts';

const PACKYARD = ['node', inCheckout('bin/packyard')];

/** Runs a command on the data of a server. */
function packyard(server: TestServer, ...args: readonly string[]): Promise<RunResult> {
  return run([...PACKYARD, ...args, ...server.placeFlags]);
}

/** The storage of a server, whatever kind it is of. */
async function storeOf(server: TestServer) {
  const storage = server.placeFlags[server.placeFlags.indexOf('--storage') + 1];
  const flags = { data: server.dataDir, ...(server.placeFlags.includes('--storage') ? { storage } : {}) };
  const { config } = await loadConfig({ flags, env: {}, cwd: server.dataDir });
  const store = await openObjectStore(config.storage, { staging: `${server.dataDir}/staging` });
  if (!listsObjects(store) || !deletesObjects(store)) throw new Error('the storage cannot list and delete');
  return store;
}

async function objects(server: TestServer): Promise<readonly string[]> {
  const listed = await Array.fromAsync((await storeOf(server)).list());
  return listed.map(({ key }) => key);
}

async function removeFile(server: TestServer, path: string): Promise<void> {
  const init = { method: 'DELETE', headers: bearer(server.adminToken) };
  expect((await fetch(`${server.url}/repo/generic/${path}`, init)).ok).toBe(true);
}

/** Has the lease of maintenance while `work` runs, as another process would. */
async function whileOthersWork<T>(server: TestServer, work: () => Promise<T>): Promise<T> {
  const url = server.databaseUrl;
  const database = await openDatabase(url);
  try {
    const done = await withLease(database, MAINTENANCE_LEASE, async () => ({ result: await work() }));
    if (!done) throw new Error('somebody else has the lease');
    return done.result;
  } finally {
    await database.close();
  }
}

describe('packyard gc', () => {
  test('shows what would go, then removes it while the server runs', async () => {
    await using server = await TestServer.start();
    await putFile(server, 'x/p/1/f', 'deleted');
    await putFile(server, 'x/p/2/f', 'kept');
    await removeFile(server, 'x/p/1/f');
    const nothing = await packyard(server, 'gc');
    expect(nothing).toMatchObject({ code: 0, stdout: 'there is no garbage\n' });

    const dry = await packyard(server, 'gc', '--grace', '0', '--dry-run', '--verbose');
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.stdout).toContain('memberships  generic/x p/1/f');
    expect(dry.stdout).toContain('7 B would be freed; nothing was changed');
    expect(await objects(server)).toHaveLength(2);

    const real = await packyard(server, 'gc', '--grace', '0', '--json');
    expect(JSON.parse(real.stdout)).toMatchObject({ dryRun: false, freedBytes: 7, garbage: { blobs: { count: 1 } } });
    expect(real.stderr).toContain('unneeded bytes: 1, 7 B');
    expect(await objects(server)).toHaveLength(1);
    expect(await (await fetch(`${server.url}/repo/generic/x/p/2/f`)).text()).toBe('kept');
    expect((await putFile(server, 'x/p/1/f', 'deleted')).status).toBe(201);
  });

  test('says what a length of time looks like', async () => {
    await using server = await TestServer.start();
    for (const flag of ['--grace', '--abandoned-after']) {
      const result = await packyard(server, 'gc', flag, 'soon');
      expect(result).toMatchObject({ code: 2, stdout: '' });
      expect(result.stderr).toContain('12h');
    }
  });

  test('leaves other maintenance alone, or waits for it', async () => {
    await using server = await TestServer.start();
    const { refused, waiting } = await whileOthersWork(server, async () => {
      const patient = packyard(server, 'gc', '--wait');
      return { refused: await packyard(server, 'gc'), waiting: { patient } };
    });
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain('gc cannot run now: other maintenance of this data is under way');
    expect(await waiting.patient).toMatchObject({ code: 0 });
  }, 60_000);

  test('killed at any moment leaves nothing worse than garbage, which the next run removes', async () => {
    await using server = await TestServer.start();
    const names = Array.from({ length: 400 }, (_, index) => `x/p/${index}/f`);
    for (const name of names) await putFile(server, name, `content of ${name}`);
    const init = { method: 'DELETE', headers: bearer(server.adminToken) };
    const removed = await fetch(`${server.url}/api/v1/repositories/generic/x/packages/p`, init);
    expect(removed.ok).toBe(true);
    await putFile(server, 'x/q/1/f', 'kept');
    const store = await storeOf(server);
    const first = (await objects(server)).find((key) => key.includes(sha256(`content of ${names[0]}`))) ?? '';
    expect(first).not.toBe('');

    const child = Bun.spawn([process.execPath, inCheckout('src/main.ts'), 'gc', '--grace', '0', ...server.placeFlags], {
      env: cleanEnvironment(),
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    // The first of them to go: looking at one object is quick, so most are still there then.
    while ((await store.stat(first)) && child.exitCode === null) await Bun.sleep(1);
    child.kill('SIGKILL');
    await child.exited;
    expect(child.signalCode).toBe('SIGKILL');
    expect((await packyard(server, 'fsck')).code).toBe(0);

    const again = await packyard(server, 'gc', '--grace', '0', '--abandoned-after', '0', '--even-foreign', '--json');
    expect(again).toMatchObject({ code: 0 });
    expect(await objects(server)).toHaveLength(1);
    const fsck = await packyard(server, 'fsck', '--json');
    expect(JSON.parse(fsck.stdout)).toMatchObject({ clean: true, blobs: 1, orphans: { count: 0 } });
    expect(await (await fetch(`${server.url}/repo/generic/x/q/1/f`)).text()).toBe('kept');
  }, 120_000);
});

describe('packyard fsck', () => {
  test('ends with 6 and says who is affected and what to do; publishing again mends it', async () => {
    await using server = await TestServer.start();
    await putFile(server, 'x/p/1/f', 'precious');
    expect(await packyard(server, 'fsck')).toMatchObject({ code: 0, stdout: 'read 1 blobs, 8 B: no faults\n' });
    const store = await storeOf(server);
    for (const key of await objects(server)) await store.delete(key);
    for (const mode of [[], ['--quick']]) {
      const result = await packyard(server, 'fsck', ...mode);
      expect(result.code).toBe(6);
      expect(result.stdout).toContain('missing: blobs-v1/');
      expect(result.stdout).toContain('  generic/x p/1/f\n');
      expect(result.stdout).toContain('try: packyard fsck --repair --from BACKUP');
    }
    expect((await putFile(server, 'x/p/1/f', 'precious')).ok).toBe(true);
    expect(await (await fetch(`${server.url}/repo/generic/x/p/1/f`)).text()).toBe('precious');
    expect((await packyard(server, 'fsck')).code).toBe(0);
  });

  test('takes bytes only from what is a backup', async () => {
    await using server = await TestServer.start();
    const result = await packyard(server, 'fsck', '--repair', '--from', server.dataDir);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('is no backup folder');
  });
});

describe('packyard doctor', () => {
  test('finds a server that runs, and one that does not', async () => {
    await using server = await TestServer.start();
    const listen = ['--listen', new URL(server.url).host];
    const running = await packyard(server, 'doctor', ...listen, '--json');
    expect(running.code).toBe(0);
    expect(JSON.parse(running.stdout)).toMatchObject({ ok: true });
    expect(running.stdout).toContain('a Packyard answers');
    await server.kill();
    const ended = await packyard(server, 'doctor', ...listen);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('is free: no server runs there');
    await server.restart();
  });

  test('names each thing that fails, and no password', async () => {
    await using server = await TestServer.start();
    // Nobody listens on this port, nor takes it meanwhile.
    const nowhere = 'postgres://packyard:hunter2@127.0.0.1:1/packyard';
    const taken = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('something else') });
    const flags = [...server.placeFlags, '--database', nowhere, '--listen', `127.0.0.1:${taken.port}`];
    const result = await run([...PACKYARD, 'doctor', ...flags]);
    await taken.stop(true);
    expect(result.code).toBe(1);
    const statuses = result.stdout.match(/^(ok|warn|fail) +\S+/gm)?.map((line) => line.replace(/ +/, ' '));
    expect(statuses).toEqual(
      expect.arrayContaining(['ok configuration', 'ok data', 'fail database', 'ok storage', 'fail listen']),
    );
    expect(result.stdout).toContain('ECONNREFUSED');
    expect(result.output).not.toContain('hunter2');
  }, 30_000);

  test('changes nothing where nothing is yet', async () => {
    await using server = await TestServer.start();
    const data = `${server.dataDir}/not-there`;
    const result = await run([...PACKYARD, 'doctor', '--data', data, '--listen', `127.0.0.1:${await freePort()}`]);
    expect(result.code).toBe(0);
    expect(result.stdout.match(/^warn/gm)).toHaveLength(3);
    expect(filesBelow(server.dataDir).filter((path) => path.startsWith('not-there'))).toEqual([]);
  });
});

test('the running server collects garbage by itself', async () => {
  await using server = await TestServer.start({
    env: { PACKYARD_GC_EVERY: '1s', PACKYARD_GC_GRACE: '0', PACKYARD_LOG_FORMAT: 'json' },
  });
  await putFile(server, 'x/p/1/f', 'deleted');
  await putFile(server, 'x/p/2/f', 'kept');
  await removeFile(server, 'x/p/1/f');
  const store = await storeOf(server);
  await eventually('the bytes are collected', async () => (await Array.fromAsync(store.list())).length === 1);
  await eventually('the log says so', () => /"chore":"gc".*"blobs":1/.test(server.stderr));
  expect(await (await fetch(`${server.url}/repo/generic/x/p/2/f`)).text()).toBe('kept');
  expect(server.stderr).not.toContain('"level":"warn"');
});
