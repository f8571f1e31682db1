import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { bearer } from '../../support/api.ts';
import { requestHead, sendRaw } from '../../support/raw-http.ts';
import { useServer } from '../../support/use-server.ts';
import { digestOf, freshName, IMAGE, Image } from '../protocol.ts';
import { expectError } from './uploading.ts';

const server = useServer();
const at = (name: string) => new Image(server(), name);

/** Distribution spec, "Pulling manifests". */
const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

describe('an image can be called', () => {
  test.each([
    'alpine',
    '0',
    'library/alpine',
    'a/b/c/d/e/f/g/h',
    'a.b/c_d/e__f/g-h/i---j',
    // Words of the protocol are names as well.
    'v2',
    'v2/v2',
    'tags/list',
    'team/tags/list',
    'manifests',
    'manifests/manifests/manifests',
    'team/blobs',
    'blobs/uploads',
    'team/blobs/uploads',
    'uploads/blobs/uploads/blobs',
    'referrers/referrers',
    'token',
    'api/v1',
    `${'a'.repeat(128)}/b`,
    `${'a/'.repeat(127)}b`,
  ])('%s', async (name) => {
    expect(name).toMatch(NAME);
    const image = at(name);
    const { digest } = await image.pushImage('latest');
    for (const reference of ['latest', digest]) await image.ok(200, 'GET', `manifests/${reference}`);
    expect(await (await image.ok(200, 'GET', 'tags/list')).json()).toEqual({ name, tags: ['latest'] });
    const location = await image.begin();
    expect(location).toStartWith(`/v2/${name}/blobs/uploads/`);
    await image.ok(204, 'GET', location);
    await image.ok(204, 'DELETE', location);
    await image.ok(200, 'GET', `referrers/${digest}`);
    await image.ok(202, 'DELETE', `manifests/${digest}`);
  });
});

describe('an image cannot be called', () => {
  test.each([
    'A',
    'Library/alpine',
    'library/Alpine',
    '-a',
    'a-',
    'a/-b',
    '.a',
    'a.',
    'a..b',
    'a._b',
    'a___b',
    '_a',
    'a_',
    'a b',
    'a:b',
    'a@b',
    'a+b',
    'ä',
    'a//b',
    'a/',
    '/a',
    'a%00b',
    'a%0ab',
    'a%2520b',
    `a/${'b'.repeat(254)}`,
    'a'.repeat(129),
  ])('%s', async (name) => {
    for (const [method, rest] of [
      ['GET', 'tags/list'],
      ['GET', 'manifests/latest'],
      ['PUT', 'manifests/latest'],
      ['DELETE', 'manifests/latest'],
      ['GET', `blobs/${digestOf('x')}`],
      ['POST', 'blobs/uploads/'],
      ['GET', `referrers/${digestOf('x')}`],
    ] as const) {
      const response = await at(name).call(method, `/v2/${name}/${rest}`);
      expect([400, 404]).toContain(response.status);
      expect(['NAME_INVALID', 'NAME_UNKNOWN']).toContain(await at(name).errorOf(response));
    }
  });

  test('what leads out of it, however it is written', async () => {
    for (const path of [
      '/v2/a/../../etc/passwd/manifests/x',
      '/v2/%2e%2e/%2e%2e/manifests/x',
      '/v2/..%2f..%2fetc/manifests/x',
      '/v2/a/./b/manifests/x',
      '/v2/a/manifests/..',
      '/v2/a/manifests/%2e%2e',
      '/v2/a/blobs/..%2f..%2f..%2fetc%2fpasswd',
      '/v2/a/blobs/uploads/..%2f..%2fx',
      '/v2\\a\\manifests\\x',
      '//v2//a/manifests/x',
    ]) {
      const { status, body } = await sendRaw(server().url, [requestHead('GET', path, bearer(server().adminToken))]);
      expect([400, 404]).toContain(status);
      expect(() => JSON.parse(body)).not.toThrow();
    }
  });
});

test('any text is a name by the specification’s own expression, or refused', async () => {
  const letters = fc.constantFrom('a', '0', 'z9', '.', '_', '__', '-', '--', '/', 'B', 'ü');
  await fc.assert(
    fc.asyncProperty(fc.array(letters, { minLength: 1, maxLength: 8 }), async (parts) => {
      const name = `nobody/${parts.join('')}`;
      // Clients resolve these before they send them.
      fc.pre(!/\/\.{1,2}(\/|$)/.test(name));
      const response = await at('x').call('GET', `/v2/${name}/manifests/none`);
      const answer = [response.status, await at('x').errorOf(response)];
      expect(answer).toEqual(NAME.test(name) ? [404, 'NAME_UNKNOWN'] : [400, 'NAME_INVALID']);
    }),
    { numRuns: 150 },
  );
});

describe('a tag', () => {
  test.each(['latest', '1', '_', '_x', 'A', '1.0.0-rc.1', 'a__b--c..d', 'sha256', 'x'.repeat(128), '9'.repeat(128)])(
    '%s is one',
    async (tag) => {
      expect(tag).toMatch(TAG);
      const image = at(freshName('tag-names'));
      const { digest } = await image.pushImage(tag);
      expect((await image.ok(200, 'HEAD', `manifests/${tag}`)).headers.get('docker-content-digest')).toBe(digest);
      expect(await (await image.ok(200, 'GET', 'tags/list')).json()).toEqual({ name: image.name, tags: [tag] });
      await image.ok(202, 'DELETE', `manifests/${tag}`);
    },
  );

  test.each(['.x', '-x', 'a b', 'a+b', 'a%2bb', 'ä', 'a@b', 'a%00', 'a%0a', '~', 'x'.repeat(129), 'x'.repeat(4000)])(
    '%s is none',
    async (tag) => {
      const image = at(freshName('tag-names'));
      const body = await image.makeImage();
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const options = method === 'PUT' ? { body, headers: { 'content-type': IMAGE } } : {};
        await expectError(await image.call(method, `manifests/${tag}`, options), 400, 'TAG_INVALID');
      }
      expect((await image.call('HEAD', `manifests/${tag}`)).status).toBe(400);
    },
  );

  test('is another one in upper case, also for the list and when one of both is deleted', async () => {
    const image = at(freshName('tag-names'));
    const [upper, lower] = [await image.pushImage('Stable'), await image.pushImage('stable')];
    const digestAt = async (tag: string) =>
      (await image.ok(200, 'HEAD', `manifests/${tag}`)).headers.get('docker-content-digest');
    expect([await digestAt('Stable'), await digestAt('stable')]).toEqual([upper.digest, lower.digest]);
    expect((await image.call('HEAD', 'manifests/STABLE')).status).toBe(404);
    await image.ok(202, 'DELETE', 'manifests/Stable');
    expect((await image.call('HEAD', 'manifests/Stable')).status).toBe(404);
    expect(await digestAt('stable')).toBe(lower.digest);
  });
});

describe.each([
  ['a digest with upper-case letters', `sha256:${'A'.repeat(64)}`],
  ['an algorithm in upper case', `SHA256:${'a'.repeat(64)}`],
  ['a digest that is too short', `sha256:${'a'.repeat(63)}`],
  ['a digest that is too long', `sha256:${'a'.repeat(65)}`],
  ['a sha512 of the length of a sha256', `sha512:${'a'.repeat(64)}`],
  ['a digest of other letters', `sha256:${'g'.repeat(64)}`],
  ['an unknown algorithm', `sha384:${'a'.repeat(96)}`],
  ['an algorithm that is broken', `md5:${'a'.repeat(32)}`],
  ['an algorithm in several parts', `sha256+b64u:${'a'.repeat(43)}`],
  ['text', 'sha256:baddigeststring'],
  ['a digest with a line end', `sha256:${'a'.repeat(64)}%0a`],
  ['nothing behind the colon', 'sha256:'],
])('%s', (_, digest) => {
  test('is refused wherever a digest can be', async () => {
    const image = at(freshName('digests'));
    const body = await image.makeImage();
    const location = await image.begin();
    for (const [method, path] of [
      ['GET', `blobs/${digest}`],
      ['DELETE', `blobs/${digest}`],
      ['GET', `manifests/${digest}`],
      ['PUT', `manifests/${digest}`],
      ['DELETE', `manifests/${digest}`],
      ['GET', `referrers/${digest}`],
      ['POST', `blobs/uploads/?digest=${digest}`],
      ['POST', `blobs/uploads/?mount=${digest}&from=a/b`],
      ['PUT', `${location}?digest=${digest}`],
    ] as const) {
      const options = method === 'PUT' || method === 'POST' ? { body, headers: { 'content-type': IMAGE } } : {};
      await expectError(await image.call(method, path, options), 400, 'DIGEST_INVALID');
    }
    for (const path of [`blobs/${digest}`, `manifests/${digest}`])
      expect((await image.call('HEAD', path)).status).toBe(400);
    await image.ok(204, 'GET', location);
  });
});
