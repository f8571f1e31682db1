import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { Digest } from '../model/digest.ts';
import { MemoryObjectStore } from '../storage/memory.ts';
import { createRegistry } from './create-registry.ts';
import { collectGarbage, type GcOptions } from './maintenance/gc.ts';
import type { FileReference, Repository, RepositoryChange } from './model.ts';
import type { Registry } from './registry.ts';
import { DamageLog } from './transfer/damage.ts';

const DAY = 86_400_000;
const ref = { format: 'oci', name: 'team' };
const actor = { name: 'tester' };
const target = { repository: ref, repositoryId: 0, package: 'team/app', actor };

let place: TestDatabase;
let database: Database;
let store: MemoryObjectStore;
let registry: Registry;
let clock: number;

beforeEach(async () => {
  place = await createTestDatabase();
  database = await openDatabase(place.url);
  store = new MemoryObjectStore();
  clock = Date.UTC(2026, 0, 1);
  ({ registry } = createRegistry({ database, store, now: () => clock, linksVersions: () => true }));
});
afterEach(async () => {
  await database.close();
  await place.dispose();
});

const sha256 = (text: string) => Digest.sha256(new Bun.CryptoHasher('sha256').update(text).digest('hex'));
const sha512 = (text: string) => Digest.fromHex('sha512', new Bun.CryptoHasher('sha512').update(text).digest('hex'));

async function repository(): Promise<Repository> {
  const found = await registry.repository(ref, { evenEmpty: true });
  if (!found) throw new Error('the repository is not there');
  return found;
}

async function withStaged<T>(text: string, use: (staged: Awaited<ReturnType<Registry['stage']>>) => Promise<T>) {
  const staged = await registry.stage([Buffer.from(text)]);
  try {
    return await use(staged);
  } finally {
    await staged.discard();
  }
}

const addBlob = (text: string, place = target) =>
  withStaged(text, (staged) => registry.addBlob(place, sha256(text).toString(), staged));

const blobText = async (digest: Digest, name = 'team/app') => {
  const blob = await registry.blob(await repository(), name, digest.toString());
  if (!blob) return undefined;
  return new Response((await registry.openFile(blob)) as Blob).text();
};

/** Publishes a text in the place of a manifest. */
async function push(
  text: string,
  options: { references?: readonly FileReference[]; tags?: readonly string[]; image?: string } = {},
) {
  const version = sha256(text).toString();
  const image = options.image ?? target.package;
  await withStaged(text, (staged) =>
    registry.publish({
      ...target,
      package: image,
      version,
      file: {
        name: version,
        path: `${image}/manifests/${version}`,
        staged,
        metadata: { text },
        references: options.references,
      },
      aliases: options.tags ?? [],
    }),
  );
  return version;
}

const tags = async () => registry.aliasNames(await repository(), 'team/app', { limit: 100 });
const gc = (options: Partial<GcOptions> = {}) =>
  collectGarbage({ database, store, now: () => clock }, { grace: 7 * DAY, ...options });
const update = (change: RepositoryChange) => registry.updateRepository(ref, change, actor);

describe('bytes of a package', () => {
  test('are there at once under their digest, for this package alone', async () => {
    await addBlob('layer');
    expect(await blobText(sha256('layer'))).toBe('layer');
    expect(await registry.blob(await repository(), 'team/other', sha256('layer').toString())).toBeUndefined();
  });

  test('are stored once, whoever else has them', async () => {
    await addBlob('layer');
    await addBlob('layer', { ...target, package: 'team/other' });
    await addBlob('layer');
    const places = await Array.fromAsync(registry.placesOfDigest('oci', sha256('layer').toString()));
    expect(places.map((each) => each.package)).toEqual(['team/app', 'team/other']);
    expect(await Array.fromAsync(store.list())).toHaveLength(1);
  });

  test('can be taken from one package without the others losing them', async () => {
    await addBlob('layer');
    await addBlob('layer', { ...target, package: 'team/other' });
    expect(await registry.removeBlob(await repository(), 'team/app', sha256('layer').toString(), actor)).toBe(true);
    expect(await registry.removeBlob(await repository(), 'team/app', sha256('layer').toString(), actor)).toBe(false);
    expect(await blobText(sha256('layer'))).toBeUndefined();
    expect(await blobText(sha256('layer'), 'team/other')).toBe('layer');
  });

  test('are not taken by a package that takes nothing new; those that it has stay where they are', async () => {
    await addBlob('layer');
    await push('manifest');
    for (const status of ['archived', 'quarantined'] as const) {
      await registry.setPackageStatus(await repository(), 'team/app', status, 'audit', actor);
      await expect(addBlob('more')).rejects.toMatchObject({ code: 'forbidden' });
      await addBlob('layer');
    }
    await registry.setPackageStatus(await repository(), 'team/app', 'active', '', actor);
    await addBlob('more');
    expect(await blobText(sha256('more'))).toBe('more');
  });

  test('are said where they are in use when a backup or a move finds them damaged', async () => {
    await addBlob('layer');
    const damage = new DamageLog();
    damage.add({ id: 1, sha256: sha256('layer').hex, size: 5, created_at: clock }, 'lost');
    const { blobs } = await damage.report(database.read);
    expect(blobs).toMatchObject([{ uses: [`oci/team: team/app@${sha256('layer')}`] }]);
  });

  test('make a package that is there without files', async () => {
    await addBlob('layer');
    expect(await registry.hasPackage(await repository(), 'team/app')).toBe(true);
    expect((await registry.catalog('oci', { limit: 10 })).map((entry) => entry.package)).toEqual(['team/app']);
  });
});

describe('an upload in parts', () => {
  async function upload(...parts: readonly string[]) {
    let session = await registry.uploads.begin(target, 'sha256');
    for (const part of parts)
      session = await withStaged(part, (staged) => registry.uploads.append(target, session, staged));
    return session;
  }

  test('of one part becomes the blob without being stored again', async () => {
    const session = await upload('whole');
    await registry.uploads.finish(target, session, sha256('whole'));
    expect(await blobText(sha256('whole'))).toBe('whole');
    expect(await registry.uploads.find(target, session.id)).toBeUndefined();
    expect(await Array.fromAsync(store.list())).toHaveLength(1);
  });

  test('of several parts is put together, and the parts are gone', async () => {
    const session = await upload('one ', 'two ');
    await withStaged('three', (last) => registry.uploads.finish(target, session, sha256('one two three'), last));
    expect(await blobText(sha256('one two three'))).toBe('one two three');
    expect(await Array.fromAsync(store.list())).toHaveLength(1);
  });

  test('can be named by its sha512, announced or not', async () => {
    const session = await upload('bytes');
    await registry.uploads.finish(target, session, sha512('bytes'));
    const announced = await registry.uploads.begin(target, 'sha512');
    const after = await withStaged('other', (staged) => registry.uploads.append(target, announced, staged));
    await registry.uploads.finish(target, after, sha512('other'));
    expect(await blobText(sha512('bytes'))).toBe('bytes');
    expect(await blobText(sha512('other'))).toBe('other');
    expect(await blobText(sha256('other'))).toBeUndefined();
  });

  test('with another digest than announced leaves nothing', async () => {
    for (const parts of [['one'], ['one', 'two']]) {
      const session = await upload(...parts);
      const finish = registry.uploads.finish(target, session, sha256('else'));
      await expect(finish).rejects.toMatchObject({ code: 'digest_mismatch' });
      expect(await registry.uploads.find(target, session.id)).toBeUndefined();
    }
    expect(await Array.fromAsync(store.list())).toEqual([]);
  });

  test('of two who add to it at the same place one wins, and the result is whole', async () => {
    const session = await upload('start ');
    const both = await Promise.allSettled(
      ['left', 'right'].map((text) => withStaged(text, (staged) => registry.uploads.append(target, session, staged))),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = both.find((each) => each.status === 'rejected');
    const winner = both[0]?.status === 'fulfilled' ? 'left' : 'right';
    expect(lost?.reason).toMatchObject({ code: 'conflict', details: { uploadSize: `start ${winner}`.length } });
    const now = await registry.uploads.find(target, session.id);
    if (!now) throw new Error('the upload is gone');
    await registry.uploads.finish(target, now, sha256(`start ${winner}`));
    expect(await blobText(sha256(`start ${winner}`))).toBe(`start ${winner}`);
  });

  test('belongs to its package alone', async () => {
    const session = await upload('x');
    expect(await registry.uploads.find({ ...target, package: 'team/other' }, session.id)).toBeUndefined();
  });

  test('has ended with its repository, and does not make another one that everybody may read', async () => {
    await push('manifest');
    await update({ visibility: 'private' });
    const session = await upload('secret');
    const { id } = await repository();
    await registry.removeRepository(ref, actor);
    expect(await registry.uploads.find(target, session.id)).toBeUndefined();
    const append = withStaged('more', (staged) => registry.uploads.append(target, session, staged));
    await expect(append).rejects.toMatchObject({ code: 'not_found' });
    const finish = registry.uploads.finish(target, session, sha256('secret'));
    await expect(finish).rejects.toMatchObject({ code: 'not_found' });
    expect(await registry.repository(ref, { evenEmpty: true })).toBeUndefined();
    await registry.undeleteRepository(id, actor);
    await registry.uploads.finish(target, session, sha256('secret'));
    expect(await blobText(sha256('secret'))).toBe('secret');
  });

  test('that is cancelled while it ends has ended, whichever was first', async () => {
    const session = await upload('one', 'two');
    const stage = store.stage.bind(store);
    // Its parts go between the moment at which they are looked up and the one at which they are read.
    store.stage = async (source, options) => {
      await registry.uploads.cancel(session);
      return stage(source, options);
    };
    const finish = registry.uploads.finish(target, session, sha256('onetwo'));
    await expect(finish).rejects.toMatchObject({ code: 'not_found', details: { upload: session.id } });
    expect(await blobText(sha256('onetwo'))).toBeUndefined();
  });

  test('that is cancelled is gone with its bytes', async () => {
    const session = await upload('x', 'y');
    await registry.uploads.cancel(session);
    await expect(registry.uploads.cancel(session)).rejects.toMatchObject({ code: 'not_found' });
    expect(await Array.fromAsync(store.list())).toEqual([]);
  });

  test('keeps its bytes from gc until nobody has gone on with it for a day', async () => {
    const session = await upload('patient');
    clock += DAY / 2;
    await gc({ grace: 0, abandonedAfter: DAY });
    expect(await registry.uploads.find(target, session.id)).toBeDefined();
    clock += DAY;
    const { garbage } = await gc({ grace: 0, abandonedAfter: DAY });
    expect(garbage.sessions.count).toBe(1);
    expect(await registry.uploads.find(target, session.id)).toBeUndefined();
    expect(await Array.fromAsync(store.list())).toEqual([]);
  });
});

describe('tags', () => {
  test('come with what they point at, in one revision', async () => {
    await push('manifest', { tags: ['1.0', 'latest'] });
    expect(await tags()).toEqual(['1.0', 'latest']);
    expect((await repository()).revision).toBe(1);
  });

  test('move with a push, also of a manifest that is there already', async () => {
    const first = await push('first', { tags: ['latest'] });
    await push('second', { tags: ['latest'] });
    await push('first', { tags: ['latest'] });
    expect(await registry.aliasTarget(await repository(), 'team/app', 'latest')).toBe(first);
    expect((await repository()).revision).toBe(3);
    await push('first', { tags: ['latest'] });
    expect((await repository()).revision).toBe(3);
  });

  test('go with the manifest that they point at, and not with another', async () => {
    const version = await push('first', { tags: ['1', 'one'] });
    await push('second', { tags: ['2'] });
    const file = await registry.fileAt(await repository(), `team/app/manifests/${version}`);
    if (!file) throw new Error('not published');
    await registry.remove(await repository(), [file], actor);
    expect(await tags()).toEqual(['2']);
  });

  test('that are to stay are set once, and neither moved nor deleted, by whichever way', async () => {
    const version = await push('first', { tags: ['v1', 'latest'] });
    await update({ immutableTags: ['v*'] });
    const second = await push('second', { tags: ['v2', 'latest'] });
    const refused = { code: 'conflict', details: { immutable: 'v1' } };
    await expect(push('third', { tags: ['edge', 'v1'] })).rejects.toMatchObject(refused);
    const alias = { package: 'team/app', name: 'v1', target: second };
    await expect(registry.setAlias(await repository(), alias, actor)).rejects.toMatchObject(refused);
    await expect(registry.removeAlias(await repository(), 'team/app', 'v1', actor)).rejects.toMatchObject(refused);
    const file = await registry.fileAt(await repository(), `team/app/manifests/${version}`);
    await expect(registry.remove(await repository(), file ? [file] : [], actor)).rejects.toMatchObject(refused);
    expect(await tags()).toEqual(['latest', 'v1', 'v2']);
    // The same again is no change.
    await push('first', { tags: ['v1'] });
  });

  test('that would have to stay are not there, if they are not', async () => {
    await push('manifest', { tags: ['v1'] });
    await update({ immutableTags: ['v*'] });
    expect(await registry.removeAlias(await repository(), 'team/app', 'v2', actor)).toBe(false);
    expect(await registry.removeAlias(await repository(), 'team/other', 'v1', actor)).toBe(false);
    await expect(registry.removeAlias(await repository(), 'team/app', 'v1', actor)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('cannot be pointed at what is not there', async () => {
    await push('first');
    const alias = { package: 'team/app', name: 'x', target: sha256('nothing').toString() };
    await expect(registry.setAlias(await repository(), alias, actor)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('what a manifest names', () => {
  const blob = (text: string, required = false): FileReference => ({
    kind: 'blob',
    digest: sha256(text).toString(),
    required,
  });
  const child = (version: string): FileReference => ({ kind: 'child', digest: version });
  const subject = (version: string): FileReference => ({ kind: 'subject', digest: version });

  test('must be there where the manifest needs it, or nothing of it is published', async () => {
    const push1 = push('manifest', { references: [blob('layer', true)], tags: ['x'] });
    await expect(push1).rejects.toMatchObject({ details: { missing: sha256('layer').toString() } });
    await addBlob('layer');
    await push('manifest', { references: [blob('layer', true)], tags: ['x'] });
    expect(await tags()).toEqual(['x']);
  });

  test('is found from the other side, page by page', async () => {
    const version = await push('image');
    const signatures = await Promise.all(
      ['a', 'b', 'c'].map((text) => push(`signature ${text}`, { references: [subject(version)] })),
    );
    const page = async (after?: string) =>
      registry.referrers(await repository(), 'team/app', version, { after, limit: 2 });
    const first = await page();
    const rest = await page(first.items.at(-1)?.version);
    expect([first.more, rest.more]).toEqual([true, false]);
    expect([...first.items, ...rest.items].map((each) => each.version)).toEqual(signatures.toSorted());
  });

  test('is read together with others only as far as memory takes: manifests may be long', async () => {
    const version = await push('image');
    for (const text of ['a', 'b', 'c']) await push(text.repeat(3_000_000), { references: [subject(version)] });
    const found: string[] = [];
    for (let more = true; more; ) {
      const page = { after: found.at(-1), limit: 500 };
      const part = await registry.referrers(await repository(), 'team/app', version, page);
      expect(part.items).toHaveLength(1);
      found.push(...part.items.map((each) => each.version));
      more = part.more;
    }
    expect(found).toHaveLength(3);
  });

  test('is kept by gc while the manifest is there or can come back, and goes after it', async () => {
    await addBlob('layer');
    await addBlob('of nobody');
    const version = await push('manifest', { references: [blob('layer')] });
    clock += 30 * DAY;
    expect((await gc()).garbage.layers.count).toBe(0);
    const file = await registry.fileAt(await repository(), `team/app/manifests/${version}`);
    if (!file) throw new Error('not published');
    await registry.remove(await repository(), [file], actor);
    clock += DAY;
    expect((await gc()).garbage.layers.count).toBe(0);
    await registry.undelete(await repository(), { package: 'team/app', version }, actor);
    await registry.remove(await repository(), [file], actor).catch(() => {});
    const again = await registry.fileAt(await repository(), `team/app/manifests/${version}`);
    if (again) await registry.remove(await repository(), [again], actor);
    clock += 8 * DAY;
    expect((await gc()).garbage.layers.count).toBe(0);
    // Out of sight, so that whoever needs it pushes it again; gone a day later.
    expect(await blobText(sha256('layer'))).toBeUndefined();
    clock += 2 * DAY;
    expect((await gc({ dryRun: true })).garbage.layers.count).toBe(1);
    expect((await gc()).garbage.layers.count).toBe(1);
    expect(await Array.fromAsync(registry.placesOfDigest('oci', sha256('layer').toString()))).toEqual([]);
    // What no manifest ever named was meant to be kept for itself.
    expect(await blobText(sha256('of nobody'))).toBe('of nobody');
  });

  test('is kept for each package that names it, and for no other, however many files do', async () => {
    for (const name of ['team/app', 'team/other']) await addBlob('layer', { ...target, package: name });
    const version = await push('manifest', { references: [blob('layer')] });
    // More than are looked at one by one.
    for (let index = 0; index <= 100; index += 1)
      await push(`manifest ${index}`, { references: [blob('layer')], image: 'team/other' });
    clock += 30 * DAY;
    await gc();
    expect(await blobText(sha256('layer'))).toBe('layer');
    const file = await registry.fileAt(await repository(), `team/app/manifests/${version}`);
    await registry.remove(await repository(), file ? [file] : [], actor);
    clock += 8 * DAY;
    await gc();
    clock += 2 * DAY;
    expect((await gc()).garbage.layers.count).toBe(1);
    expect(await blobText(sha256('layer'))).toBeUndefined();
    expect(await blobText(sha256('layer'), 'team/other')).toBe('layer');
  });

  test('is garbage after the manifest also where it came after that, or came back', async () => {
    const version = await push('manifest', { references: [blob('late'), blob('again')] });
    await addBlob('late');
    await addBlob('again');
    await registry.removeBlob(await repository(), 'team/app', sha256('again').toString(), actor);
    await addBlob('again');
    const file = await registry.fileAt(await repository(), `team/app/manifests/${version}`);
    if (!file) throw new Error('not published');
    await registry.remove(await repository(), [file], actor);
    clock += 8 * DAY;
    await gc();
    clock += 2 * DAY;
    expect((await gc()).garbage.layers.count).toBe(2);
  });

  test('is there for a push that had seen it before gc took it out of sight', async () => {
    await addBlob('layer');
    const version = await push('manifest', { references: [blob('layer')] });
    const file = await registry.fileAt(await repository(), `team/app/manifests/${version}`);
    await registry.remove(await repository(), file ? [file] : [], actor);
    clock += 8 * DAY;
    // A client sees that the layer is there, and is about to name it …
    expect(await blobText(sha256('layer'))).toBe('layer');
    await gc();
    expect(await blobText(sha256('layer'))).toBeUndefined();
    await push('another manifest', { references: [blob('layer', true)] });
    expect(await blobText(sha256('layer'))).toBe('layer');
    clock += 8 * DAY;
    await gc();
    expect(await blobText(sha256('layer'))).toBe('layer');
  });

  test('comes back when it is pushed again while it is out of sight', async () => {
    await addBlob('layer');
    const version = await push('manifest', { references: [blob('layer')] });
    const file = await registry.fileAt(await repository(), `team/app/manifests/${version}`);
    await registry.remove(await repository(), file ? [file] : [], actor);
    clock += 8 * DAY;
    await gc();
    await addBlob('layer');
    expect(await blobText(sha256('layer'))).toBe('layer');
  });

  test('keeps retention from tearing images apart: an index, its images and its signature stay or go together', async () => {
    const images = await Promise.all(['amd64', 'arm64'].map((text) => push(text)));
    const index = await push('index', { references: images.map(child) });
    const signature = await push('signature', { references: [subject(index)] });
    clock += DAY;
    const others: string[] = [];
    for (const text of ['second', 'third']) {
      clock += DAY;
      others.push(await push(text));
    }
    await update({ retention: { keepVersions: 3 } });
    expect((await registry.retentionPreview(await repository(), { limit: 10 })).items).toEqual([]);
    await update({ retention: { keepVersions: 2 } });
    const going = (await registry.retentionPreview(await repository(), { limit: 10 })).items;
    expect(going.map((each) => each.version).sort()).toEqual([...images, index, signature].sort());
    expect((await registry.applyRetention(await repository(), actor)).versions).toBe(4);
    expect([...(await registry.versions(await repository(), 'team/app'))].sort()).toEqual(others.sort());
  });

  test('keeps retention from the images of an index that is still being pushed', async () => {
    await push('before', { tags: ['0.9'] });
    await update({ retention: { keepVersions: 1 } });
    const images = await Promise.all(['amd64', 'arm64', 'riscv64'].map((text) => push(text)));
    clock += DAY / 24;
    expect((await registry.applyRetention(await repository(), actor)).versions).toBe(0);
    await push('index', { references: images.map(child), tags: ['1.0'] });
    clock += 2 * DAY;
    expect((await registry.applyRetention(await repository(), actor)).versions).toBe(0);
    const orphan = await push('nobody names it');
    await push('newest');
    clock += 2 * DAY;
    expect((await registry.retentionPreview(await repository(), { limit: 10 })).items).toMatchObject([
      { version: orphan },
    ]);
  });

  test('keeps the images of a tagged index, however old', async () => {
    const image = await push('image');
    await push('index', { references: [child(image)], tags: ['1.0'] });
    clock += 400 * DAY;
    await push('newest');
    await update({ retention: { keepVersions: 1 } });
    expect((await registry.retentionPreview(await repository(), { limit: 10 })).items).toEqual([]);
  });
});
