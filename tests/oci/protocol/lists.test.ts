import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRepository, createToken } from '../../support/api.ts';
import { TestServer } from '../../support/start-server.ts';
import { useServer } from '../../support/use-server.ts';
import { digestOf, freshName, IMAGE, Image } from '../protocol.ts';
import { expectError } from './uploading.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('lists'));

interface Page {
  readonly names: string[];
  readonly next: string | undefined;
}

/** One page of a list, and the address of the next one, which must be a path. */
async function page(image: Image, path: string): Promise<Page> {
  const response = await image.ok(200, 'GET', path);
  expect(response.headers.get('content-type')).toStartWith('application/json');
  const document = (await response.json()) as { tags?: string[]; repositories?: string[]; name?: string };
  if (document.tags) expect(document.name).toBe(image.name);
  const link = response.headers.get('link');
  if (link !== null) expect(link).toMatch(/^<\/v2\/[^>]+>; rel="next"$/);
  return { names: document.tags ?? document.repositories ?? [], next: link?.slice(1, link.indexOf('>')) };
}

/** All pages from this one on. */
async function pages(image: Image, path: string): Promise<readonly string[][]> {
  const found: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { names, next: following }: Page = await page(image, next);
    found.push(names);
    next = following;
  }
  return found;
}

describe('the tags of an image', () => {
  test('come sorted by their bytes, on pages of any length, from any name on', async () => {
    const image = fresh();
    const manifest = await image.makeImage();
    const digest = digestOf(manifest);
    const letters = [...'aAbBzZ019_'];
    const tag = fc
      .tuple(fc.constantFrom(...letters), fc.array(fc.constantFrom(...letters, '.', '-'), { maxLength: 5 }))
      .map(([first, rest]) => first + rest.join(''));
    const tags = fc.sample(fc.uniqueArray(tag, { minLength: 60, maxLength: 90 }), { numRuns: 1, seed: 7 })[0] ?? [];
    const query = tags.map((each) => `tag=${each}`).join('&');
    await image.pushManifest(`${digest}?${query}`, manifest, IMAGE);
    const sorted = tags.toSorted((a, b) => (a < b ? -1 : 1));
    expect(await pages(image, 'tags/list')).toEqual([sorted]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 100 }), fc.option(tag, { nil: undefined }), async (n, last) => {
        const after = last === undefined ? '' : `&last=${last}`;
        const expected = sorted.filter((each) => last === undefined || each > last);
        const found = await pages(image, `tags/list?n=${n}${after}`);
        expect(found.flat()).toEqual(expected);
        // Every page but the last is full, and an empty one comes only where there is nothing.
        expect(found.length).toBe(Math.max(1, Math.ceil(expected.length / n)));
        if (last !== undefined) expect((await page(image, `tags/list?last=${last}`)).names).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test('are none on a page of none, without a next one', async () => {
    const image = fresh();
    await image.pushImage('x');
    for (const query of ['?n=0', '?n=0&last=a', '?n=00', '?n=-0'])
      expect(await page(image, `tags/list${query}`)).toEqual({ names: [], next: undefined });
    for (const query of ['?n=1&last=x', '?last=x', '?last=zzz', `?last=${'y'.repeat(3000)}`, '?last=%F0%9F%8E%89'])
      expect(await page(image, `tags/list${query}`)).toEqual({ names: [], next: undefined });
  });

  test('come all the same where the number is absurd, and not where it is none', async () => {
    const image = fresh();
    await image.pushImage('x');
    for (const n of ['99999999999999999999999999', '2147483648', '10001', '-1', '-99999999999999999999', ''])
      expect(await page(image, `tags/list?n=${n}`)).toEqual({ names: ['x'], next: undefined });
    for (const n of ['many', '1.5', '1e3', '0x10', 'NaN', '%00'])
      expect((await image.call('GET', `tags/list?n=${n}`)).status).toBe(400);
  });

  test('are the same for a tag that is set twice, and no digest is among them', async () => {
    const image = fresh();
    const { digest } = await image.pushImage();
    expect(await page(image, 'tags/list')).toEqual({ names: [], next: undefined });
    const bytes = await (await image.ok(200, 'GET', `manifests/${digest}`)).bytes();
    for (let times = 0; times < 3; times++) await image.pushManifest('once', bytes, IMAGE);
    expect((await page(image, 'tags/list')).names).toEqual(['once']);
  });

  test('are not those of an image whose name begins alike', async () => {
    const image = fresh();
    await image.pushImage('mine');
    for (const name of [`${image.name}/below`, `${image.name}-more`])
      await new Image(server(), name).pushImage('other');
    expect((await page(image, 'tags/list')).names).toEqual(['mine']);
  });

  test('of an image that is not there are 404', async () => {
    await fresh().pushImage('x');
    for (const name of ['lists', 'lists/none', 'nobody', 'nobody/knows'])
      await expectError(await new Image(server(), name).call('GET', 'tags/list'), 404, 'NAME_UNKNOWN');
  });
});

describe('the catalog', () => {
  test('of a new server is an empty list, then it has what was pushed and no more what was deleted', async () => {
    await using own = await TestServer.start();
    const image = new Image(own, 'first/image');
    const catalog = async () => (await page(image, '/v2/_catalog')).names;
    expect(await (await image.ok(200, 'GET', '/v2/_catalog')).text()).toBe('{"repositories":[]}');
    // Nothing is there before something is pushed: an upload that has begun is none.
    await image.begin();
    expect(await catalog()).toEqual([]);
    const { digest } = await image.pushImage('x');
    expect(await catalog()).toEqual(['first/image']);
    await image.ok(202, 'DELETE', 'manifests/x');
    expect(await catalog()).toEqual(['first/image']);
    await image.ok(202, 'DELETE', `manifests/${digest}`);
    for (const name of await catalog()) await new Image(own, name).ok(200, 'GET', 'tags/list');
  });

  test('comes in pages that leave nothing out and have nothing twice', async () => {
    const names = ['c', 'c/a', 'c/a/b', 'c-d/a', 'c.d/a', 'c0', 'c_d/e', 'c/a-b', 'c/a.b', 'c/a0'].map(
      (name) => `cat${name}`,
    );
    for (const name of names) await new Image(server(), name).pushImage('x');
    const image = fresh();
    const whole = (await pages(image, '/v2/_catalog')).flat();
    expect(whole.filter((name) => name.startsWith('cat')).toSorted()).toEqual(names.toSorted());
    for (const n of [1, 2, 3, 5, 1000]) {
      const found = await pages(image, `/v2/_catalog?n=${n}`);
      expect(found.flat()).toEqual(whole);
      expect(found.slice(0, -1).every((each) => each.length === n)).toBe(true);
    }
    expect(await page(image, '/v2/_catalog?n=0')).toEqual({ names: [], next: undefined });
    expect((await page(image, '/v2/_catalog?n=99999999999999999999')).names).toEqual(whole);
    for (const last of ['zzzzz', 'catc/a/none', '../../x', '~']) await page(image, `/v2/_catalog?last=${last}`);
  });

  test('has for each caller what that caller may read, page by page', async () => {
    await createRepository(server(), 'oci/cellar', { visibility: 'private' });
    for (const name of ['cellar/a', 'cellar/b', 'cellar/c', 'open/a']) await new Image(server(), name).pushImage('x');
    const token = await createToken(server(), 'one image', 'oci/cellar/b', ['read']);
    const seen = async (secret: string | null) =>
      (await pages(new Image(server(), 'open/a', secret), '/v2/_catalog?n=1'))
        .flat()
        .filter((name) => /^(cellar|open)\//.test(name));
    expect(await seen(server().adminToken)).toEqual(['cellar/a', 'cellar/b', 'cellar/c', 'open/a']);
    expect(await seen(token)).toEqual(['cellar/b', 'open/a']);
    expect(await seen(null)).toEqual(['open/a']);
  });
});
