import { beforeAll, describe, expect, test } from 'bun:test';
import { createRepository, createToken } from '../support/api.ts';
import { useServer } from '../support/use-server.ts';
import { digestOf, freshName, IMAGE, Image } from './protocol.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('tags'));

/** Follows a list to its end; the pages, as they come. */
async function pages(image: Image, first: string, field: 'tags' | 'repositories'): Promise<string[][]> {
  const found: string[][] = [];
  for (let next: string | undefined = first; next !== undefined; ) {
    const response: Response = await image.ok(200, 'GET', next);
    expect(response.headers.get('content-type')).toContain('application/json');
    found.push(((await response.json()) as Record<string, string[]>)[field] ?? []);
    next = /^<(\/[^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
  }
  return found;
}

describe('the list of tags', () => {
  const tags = ['10', '9', 'A', '_x', 'a', 'b.1', 'b-1', 'latest'];
  const sorted = ['10', '9', 'A', '_x', 'a', 'b-1', 'b.1', 'latest'];
  let image: Image;
  beforeAll(async () => {
    image = fresh();
    const bytes = await image.makeImage();
    for (const tag of tags) await image.pushManifest(tag, bytes, IMAGE);
  });

  test('is in the order of their bytes', async () => {
    expect(await (await image.ok(200, 'GET', 'tags/list')).json()).toEqual({ name: image.name, tags: sorted });
  });

  test.each([1, 2, 3, 7, 8, 9, 5000])('comes in pages of %d, with a link to the next', async (n) => {
    const found = await pages(image, `tags/list?n=${n}`, 'tags');
    expect(found.flat()).toEqual(sorted);
    expect(found.slice(0, -1).every((page) => page.length === n)).toBe(true);
  });

  test('goes on behind a name that need not be there', async () => {
    const { tags: rest } = (await (await image.ok(200, 'GET', 'tags/list?last=B')).json()) as { tags: string[] };
    expect(rest).toEqual(['_x', 'a', 'b-1', 'b.1', 'latest']);
  });

  test('has nothing on a page of none, and takes absurd numbers for what they can mean', async () => {
    const none = await image.ok(200, 'GET', 'tags/list?n=0');
    expect(await none.json()).toEqual({ name: image.name, tags: [] });
    expect(none.headers.get('link')).toBeNull();
    for (const n of ['99999999999999999999', '-1', '']) {
      const response = await image.ok(200, 'GET', `tags/list?n=${n}`);
      expect(((await response.json()) as { tags: string[] }).tags).toEqual(sorted);
    }
    expect((await image.call('GET', 'tags/list?n=many')).status).toBe(400);
  });
});

test('tags of an image that is not there are 404, also in a repository that is', async () => {
  await fresh().pushImage('x');
  for (const image of [fresh(), new Image(server(), 'nobody/knows')]) {
    const response = await image.call('GET', 'tags/list');
    expect([response.status, await image.errorOf(response)]).toEqual([404, 'NAME_UNKNOWN']);
  }
});

test('an image whose last tag is deleted has an empty list', async () => {
  const image = fresh();
  await image.pushImage('only');
  await image.ok(202, 'DELETE', 'manifests/only');
  expect(await (await image.ok(200, 'GET', 'tags/list')).json()).toEqual({ name: image.name, tags: [] });
});

test('the catalog has every image that the caller may read, page by page', async () => {
  for (const name of ['catalog/a', 'catalog/a/b', 'catalog-2/c', 'catalog'])
    await new Image(server(), name).pushImage('x');
  await createRepository(server(), 'oci/secret', { visibility: 'private' });
  await new Image(server(), 'secret/image').pushImage('x');
  const admin = fresh();
  const all = (await pages(admin, '/v2/_catalog', 'repositories')).flat();
  for (const name of ['catalog/a', 'catalog/a/b', 'catalog-2/c', 'catalog', 'secret/image'])
    expect(all).toContain(name);
  expect(new Set(all).size).toBe(all.length);
  expect((await pages(admin, '/v2/_catalog?n=2', 'repositories')).flat()).toEqual(all);
  const anybody = new Image(server(), 'catalog', null);
  const visible = all.filter((name) => name !== 'secret/image');
  expect((await pages(anybody, '/v2/_catalog?n=3', 'repositories')).flat()).toEqual(visible);
  expect(await (await admin.ok(200, 'GET', '/v2/_catalog?n=0')).json()).toEqual({ repositories: [] });
});

describe('tags that stay', () => {
  test('are set once, whoever pushes', async () => {
    await createRepository(server(), 'oci/stay', { immutableTags: ['v*', 'release'] });
    const token = await createToken(server(), 'pusher', 'oci/stay', ['read', 'write', 'delete']);
    const image = new Image(server(), 'stay/app', token);
    const { digest } = await image.pushImage('v1');
    await image.pushImage('edge');
    await image.pushImage('edge');
    const other = await image.makeImage();
    const push = (reference: string) =>
      image.call('PUT', `manifests/${reference}`, { body: other, headers: { 'content-type': IMAGE } });
    for (const response of [
      await push('v1'),
      await push(`${digestOf(other)}?tag=new&tag=v1`),
      await image.call('DELETE', 'manifests/v1'),
      await image.call('DELETE', `manifests/${digest}`),
    ]) {
      expect([response.status, await image.errorOf(response)]).toEqual([409, 'DENIED']);
    }
    expect(((await (await image.ok(200, 'GET', 'tags/list')).json()) as { tags: string[] }).tags).toEqual([
      'edge',
      'v1',
    ]);
    expect((await image.ok(200, 'HEAD', 'manifests/v1')).headers.get('docker-content-digest')).toBe(digest);
    const same = await (await image.ok(200, 'GET', 'manifests/v1')).bytes();
    await image.ok(201, 'PUT', 'manifests/v1', { body: same, headers: { 'content-type': IMAGE } });
  });
});
