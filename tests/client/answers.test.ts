import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { OCI_INDEX, OCI_MANIFEST, RegistryClient, type RegistryError } from '../../src/client/index.ts';
import { failure } from '../support/failure.ts';
import { LyingRegistry } from '../support/lying-registry.ts';

let registry: LyingRegistry;
beforeEach(async () => {
  registry = await LyingRegistry.start();
});
afterEach(() => registry[Symbol.asyncDispose]());

const client = () => new RegistryClient(registry.url, { sleep: async () => {} });
const repository = () => client().repository('a/b');
const DIGEST = `sha256:${'0'.repeat(64)}`;

/** Answers each path with a body and headers. */
function serve(answers: Readonly<Record<string, readonly [body: string, headers?: Record<string, string>]>>): void {
  registry.lie = ({ response, path }) => {
    const [body, headers] = answers[path] ?? [];
    response.writeHead(body === undefined ? 404 : 200, headers).end(body);
  };
}

describe('a list', () => {
  test('goes on at the address in Link, whether whole, a path, or only a query', async () => {
    serve({
      '/v2/a/b/tags/list?n=2': ['{"tags":["a","b"]}', { link: '</v2/a/b/tags/list?n=2&last=b>; rel="next"' }],
      '/v2/a/b/tags/list?n=2&last=b': ['{"tags":["c"]}', { link: `<${registry.url}/v2/a/b/tags/list?x>; rel=next` }],
      '/v2/a/b/tags/list?x': ['{"tags":null}', { link: '<?y>; rel="next"' }],
      '/v2/a/b/tags/list?y': ['{"tags":["d"]}'],
    });
    expect(await Array.fromAsync(repository().tags({ pageSize: 2 }))).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is asked for only as far as it is read', async () => {
    serve({ '/v2/_catalog': ['{"repositories":["a","b"]}', { link: '</v2/_catalog?last=b>; rel="next"' }] });
    for await (const name of client().repositories()) {
      expect(name).toBe('a');
      break;
    }
    expect(registry.seen).toHaveLength(1);
  });

  test('that has no end, goes elsewhere or is none is an error', async () => {
    const next = (target: string) => ({ link: `<${target}>; rel="next"` });
    for (const [body, headers, message] of [
      ['{"tags":[]}', next('/v2/a/b/tags/list'), 'in a circle'],
      ['{"tags":[]}', next('http://localhost:1/v2/a/b/tags/list'), 'at another host'],
      ['{"tags":"a"}', {}, 'no list of tags'],
      ['<html>', {}, 'no list of tags'],
    ] as const) {
      serve({ '/v2/a/b/tags/list': [body, headers] });
      const error = await failure<RegistryError>(Array.fromAsync(repository().tags()));
      expect(error).toMatchObject({ code: 'unexpected_answer' });
      expect(error.message).toContain(message);
    }
  });
});

describe('a manifest', () => {
  const MANIFEST = JSON.stringify({ schemaVersion: 2, config: {}, layers: [] });

  test('of another digest than was asked for, or than the registry says, is an error', async () => {
    serve({
      [`/v2/a/b/manifests/${DIGEST}`]: [MANIFEST],
      '/v2/a/b/manifests/tag': [MANIFEST, { 'docker-content-digest': DIGEST }],
    });
    for (const reference of [DIGEST, 'tag']) {
      const error = await failure<RegistryError>(repository().getManifest(reference));
      expect(error).toMatchObject({ name: 'RegistryDigestError', expected: DIGEST });
    }
  });

  test('is known without the headers that old registries leave out', async () => {
    serve({ '/v2/a/b/manifests/tag': [MANIFEST, { 'content-type': 'application/json; charset=utf-8' }] });
    const { digest, mediaType, size } = await repository().getManifest('tag');
    expect([mediaType, size]).toEqual([OCI_MANIFEST, MANIFEST.length]);
    expect(await repository().statManifest('tag')).toEqual({ digest, mediaType, size });
  });

  test('too large to be one is not read', async () => {
    registry.lie = ({ response }) => void response.end(Buffer.alloc(33 * 1024 * 1024));
    expect(await failure<RegistryError>(repository().getManifest('tag'))).toMatchObject({ code: 'unexpected_answer' });
  });

  test('gets all tags in one request where the registry can, and those that it leaves out one by one', async () => {
    const paths: string[] = [];
    registry.lie = ({ request, response, path }) => {
      paths.push(decodeURIComponent(path.replace(/.*manifests\//, '').replace(/sha256:[0-9a-f]+/, 'DIGEST')));
      request.resume();
      response.writeHead(201, path.includes('?') ? { 'oci-tag': ['a, b', 'c'] } : {}).end();
    };
    await repository().putManifest(MANIFEST, { tags: ['a', 'b', 'c', 'd', 'a'] });
    await repository().putManifest(MANIFEST, { tags: ['a'] });
    await repository().putManifest(MANIFEST);
    expect(paths).toEqual(['DIGEST?tag=a&tag=b&tag=c&tag=d', 'd', 'a', 'DIGEST']);
  });

  test('is deleted though the answer was lost', async () => {
    registry.lie = ({ request, response, count }) => {
      if (count === 1) request.socket.destroy();
      else response.writeHead(404).end();
    };
    await repository().deleteManifest(DIGEST);
    expect(await failure<RegistryError>(repository().deleteTag('tag'))).toMatchObject({ status: 404 });
  });
});

describe('referrers', () => {
  test('are filtered here where the registry does not, in all pages', async () => {
    const entry = (artifactType: string) => ({ mediaType: OCI_MANIFEST, digest: DIGEST, size: 1, artifactType });
    const index = (...types: string[]) => JSON.stringify({ mediaType: OCI_INDEX, manifests: types.map(entry) });
    serve({
      [`/v2/a/b/referrers/${DIGEST}?artifactType=x%2Fa`]: [index('x/a', 'x/b'), { link: '<?next>; rel="next"' }],
      [`/v2/a/b/referrers/${DIGEST}?next`]: [index('x/b', 'x/a')],
    });
    expect(await Array.fromAsync(repository().referrers(DIGEST, { artifactType: 'x/a' }))).toEqual([
      entry('x/a'),
      entry('x/a'),
    ]);
  });

  test('under the fallback tag that are no index are an error', async () => {
    serve({ [`/v2/a/b/manifests/${DIGEST.replace(':', '-')}`]: ['{"schemaVersion":2,"config":{},"layers":[]}'] });
    const error = await failure<RegistryError>(Array.fromAsync(repository().referrers(DIGEST)));
    expect(error.message).toEndWith('is not an image index');
  });
});

test('a blob whose size the registry does not say is there all the same', async () => {
  registry.lie = ({ response }) => void response.writeHead(200, { 'transfer-encoding': 'chunked' }).end();
  expect((await repository().pushBlob(new Uint8Array(10))).result).toBe('present');
  expect(await failure<RegistryError>(repository().statBlob(DIGEST))).toMatchObject({ code: 'unexpected_answer' });
});

describe('redirects', () => {
  test('are followed with the method as it is, but not for ever', async () => {
    registry.lie = async ({ path, response }, next) => {
      if (path !== '/v2/a/b/blobs/uploads/') return next();
      response.writeHead(301, { location: '/v2/moved/blobs/uploads/' }).end();
    };
    await repository().pushBlob(new Uint8Array(10));
    expect(registry.requests[2]).toBe('POST /v2/moved/blobs/uploads/');
    registry.lie = ({ response }) => void response.writeHead(302, { location: '/v2/' }).end();
    expect((await failure<RegistryError>(client().ping())).message).toContain('redirects without end');
  });

  test('never lead from https to http, or to what is no web address', async () => {
    for (const location of ['http://elsewhere.test/', 'file:///etc/passwd', 'http://']) {
      registry.lie = ({ response }) => void response.writeHead(307, { location }).end();
      const viaHttp = (url: string, init: RequestInit) =>
        fetch(url.replace('https://registry.test', registry.url), init);
      const error = await failure<RegistryError>(new RegistryClient('registry.test', { fetch: viaHttp }).ping());
      expect(error).toMatchObject({ code: 'unexpected_answer' });
    }
  });

  test('and addresses of uploads keep to https too', async () => {
    for (const [location, message] of [
      ['http://elsewhere.test/uploads/1', 'leads from https to plain http'],
      ['ftp://registry.test/uploads/1', 'is no web address'],
    ] as const) {
      registry.lie = ({ response }) => void response.writeHead(202, { location }).end();
      const viaHttp = (url: string, init: RequestInit) =>
        fetch(url.replace('https://registry.test', registry.url), init);
      const error = await failure<RegistryError>(
        new RegistryClient('registry.test', { fetch: viaHttp })
          .repository('a/b')
          .pushBlob(new Uint8Array(1), { skipExisting: false }),
      );
      expect(error).toMatchObject({ code: 'unexpected_answer', message: expect.stringContaining(message) });
    }
  });

  test('of a large upload in one request are refused with the way out', async () => {
    registry.lie = async ({ request, response, path }, next) => {
      if (request.method !== 'PUT' || path.includes('moved')) return next();
      request.resume();
      response.writeHead(307, { location: `${path}&moved=1` }).end();
    };
    const blob = new Blob([new Uint8Array(2_000_000)]);
    const error = await failure<RegistryError>(repository().pushBlob(blob));
    expect(error).toMatchObject({
      code: 'connection_failed',
      hint: 'give a chunk size: what is sent in pieces can follow',
    });
    await repository().pushBlob(blob, { chunkSize: 500_000 });
    await repository().pushBlob(new Blob([new Uint8Array(1000)]));
  });
});

test('a registry behind a proxy that does not know of TLS is asked by TLS all the same', async () => {
  registry.lie = async ({ request, response }, next) => {
    if (request.method !== 'POST') return next();
    registry.uploads.set('here', Buffer.alloc(0));
    response.writeHead(202, { location: 'http://registry.test/blobs/uploads/here' }).end();
  };
  const urls: string[] = [];
  const viaHttp = (url: string, init: RequestInit) => {
    urls.push(url);
    return fetch(url.replace('https://registry.test:8443', registry.url), init);
  };
  await new RegistryClient('registry.test:8443', { fetch: viaHttp }).repository('a/b').pushBlob(new Uint8Array(1));
  expect(urls.every((url) => url.startsWith('https://registry.test:8443/'))).toBe(true);
});
