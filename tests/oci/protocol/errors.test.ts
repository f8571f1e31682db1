import { beforeAll, describe, expect, test } from 'bun:test';
import { basic, bearer } from '../../support/api.ts';
import { requestHead, sendRaw } from '../../support/raw-http.ts';
import { useServer } from '../../support/use-server.ts';
import { digestOf, IMAGE, Image, OCTETS, someBytes } from '../protocol.ts';
import { ending, expectError, rangeOf } from './uploading.ts';

const server = useServer();
const image = () => new Image(server(), 'errors/app');
let uploading = '';
beforeAll(async () => {
  await image().pushImage('1.0');
  uploading = await image().begin();
});

/** The specification's own, and the two of Docker's that clients know. */
const CODES = [
  ...['BLOB_UNKNOWN', 'BLOB_UPLOAD_INVALID', 'BLOB_UPLOAD_UNKNOWN', 'DIGEST_INVALID', 'MANIFEST_BLOB_UNKNOWN'],
  ...['MANIFEST_INVALID', 'MANIFEST_UNKNOWN', 'NAME_INVALID', 'NAME_UNKNOWN', 'SIZE_INVALID', 'UNAUTHORIZED', 'DENIED'],
  ...['UNSUPPORTED', 'TOOMANYREQUESTS', 'TAG_INVALID', 'MANIFEST_UNVERIFIED'],
];

/** Requests that go wrong in every way, and with what status. */
const FAILURES: readonly [number, string, string, string][] = [
  [404, 'GET', '/v2/nothing', ''],
  [404, 'GET', '/v2/_catalog/x', ''],
  [404, 'GET', '/v2/errors/app', ''],
  [404, 'GET', '/v2/errors/app/', ''],
  [404, 'GET', '/v2/errors/app/manifests', ''],
  [404, 'GET', '/v2/errors/app/manifests/1.0/x', ''],
  [404, 'GET', '/v2/errors/app/manifests/1.0/', ''],
  [404, 'GET', '/v2/errors/app/tags', ''],
  [404, 'GET', '/v2/errors/app/tags/list/', ''],
  [404, 'GET', '/v2/errors/app/unknown/x', ''],
  [404, 'POST', '/v2/errors/app/unknown/', ''],
  [404, 'GET', 'manifests/none', ''],
  [404, 'GET', `manifests/${digestOf('none')}`, ''],
  [404, 'DELETE', 'manifests/none', ''],
  [404, 'GET', `blobs/${digestOf('none')}`, ''],
  [404, 'DELETE', `blobs/${digestOf('none')}`, ''],
  [404, 'GET', 'blobs/uploads/none', ''],
  [404, 'PATCH', 'blobs/uploads/none', 'bytes'],
  [404, 'DELETE', 'blobs/uploads/none', ''],
  [404, 'GET', '/v2/nobody/knows/manifests/x', ''],
  [400, 'GET', '/v2/UPPER/manifests/x', ''],
  [400, 'GET', '/v2/%ff/manifests/x', ''],
  [400, 'GET', 'manifests/-x', ''],
  [400, 'GET', 'manifests/sha256:x', ''],
  [400, 'PUT', 'manifests/1.0', 'not JSON'],
  [400, 'POST', `blobs/uploads/?digest=${digestOf('x')}`, 'y'],
  [400, 'POST', 'blobs/uploads/?digest-algorithm=md5', ''],
  [400, 'GET', 'tags/list?n=x', ''],
  [400, 'GET', '/v2/_catalog?n=x', ''],
  [400, 'GET', 'referrers/x', ''],
];

describe('an error', () => {
  test.each(FAILURES)('%d for %s %s has the form of the specification', async (status, method, path, body) => {
    const headers = { 'content-type': path.includes('manifests') ? IMAGE : 'application/octet-stream' };
    const response = await image().call(method, path, body === '' ? {} : { body, headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toStartWith('application/json');
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
    expect(response.headers.get('x-request-id')).toBeTruthy();
    const document = (await response.json()) as { errors: readonly Record<string, unknown>[] };
    expect(Object.keys(document)).toEqual(['errors']);
    expect(document.errors).toHaveLength(1);
    const [error] = document.errors;
    expect(CODES).toContain(String(error?.code));
    expect(typeof error?.message === 'string' && error.message.length > 0).toBe(true);
    expect(String(error?.message)).not.toMatch(/\bat \/|\.ts:|undefined|\[object/);
  });

  test.each(FAILURES.filter(([, method]) => method === 'GET'))(
    '%d for %s %s is the same for HEAD, without the body',
    async (status, _, path) => {
      const [head, get] = [await image().call('HEAD', path), await image().call('GET', path)];
      expect(head.status).toBe(status);
      expect(await head.text()).toBe('');
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    },
  );
});

describe('a method that is not for this address', () => {
  const ALLOWED: readonly [string, readonly string[]][] = [
    ['/v2/', ['GET', 'HEAD']],
    ['/v2', ['GET', 'HEAD']],
    ['/v2/_catalog', ['GET', 'HEAD']],
    ['/v2/_oci/ext/discover', ['GET', 'HEAD']],
    ['/v2/errors/app/tags/list', ['GET', 'HEAD']],
    [`/v2/errors/app/referrers/${digestOf('x')}`, ['GET', 'HEAD']],
    ['/v2/errors/app/manifests/1.0', ['GET', 'HEAD', 'PUT', 'DELETE']],
    [`/v2/errors/app/blobs/${digestOf('x')}`, ['GET', 'HEAD', 'DELETE']],
    ['/v2/errors/app/blobs/uploads/', ['POST']],
    ['/v2/errors/app/blobs/uploads/x', ['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE']],
    ['/token', ['GET', 'HEAD', 'POST']],
  ];

  test.each(ALLOWED)('%s is 405 in JSON, and the answer says which are', async (path, allowed) => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      if (allowed.includes(method)) continue;
      const response = await image().call(method, path);
      expect(response.headers.get('allow')).toBe(allowed.join(', '));
      await expectError(response, 405, 'UNSUPPORTED');
    }
  });
});

describe('HEAD', () => {
  test('is GET without the body, at every address', async () => {
    const { digest } = await image().pushImage('head');
    const blob = await image().pushBlob('{}');
    const paths = ['/v2/', '/v2', '/v2/_catalog', '/v2/_oci/ext/discover', 'tags/list', `referrers/${digest}`];
    for (const path of [...paths, 'manifests/head', `manifests/${digest}`, `blobs/${blob}`, uploading]) {
      const [head, get] = [await image().call('HEAD', path), await image().call('GET', path)];
      expect([path, head.status]).toEqual([path, get.status]);
      expect(await head.text()).toBe('');
      const own = ['date', 'x-request-id'];
      const rest = (response: Response) => [...response.headers].filter(([name]) => !own.includes(name));
      expect(rest(head)).toEqual(rest(get));
      if (get.status === 200)
        expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength));
    }
  });

  test('tells who is not logged in the same as GET', async () => {
    const [head, get] = [await image().call('HEAD', '/v2/'), await new Image(server(), 'x', null).call('HEAD', '/v2/')];
    expect([head.status, get.status]).toEqual([200, 401]);
    expect(get.headers.get('www-authenticate')).toStartWith('Bearer ');
  });
});

test('a host of any form and a mirror’s question for another host change nothing', async () => {
  for (const host of ['registry.example.org', 'registry.example.org:443', 'REGISTRY.example.org', '[::1]:5000']) {
    const path = '/v2/errors/app/manifests/1.0?ns=docker.io';
    const headers = { host, ...bearer(server().adminToken) };
    expect((await sendRaw(server().url, [requestHead('GET', path, headers)])).status).toBe(200);
  }
  const whole = 'http://registry.example.org/v2/errors/app/manifests/1.0';
  const headers = bearer(server().adminToken);
  expect((await sendRaw(server().url, [requestHead('GET', whole, headers)])).status).toBe(200);
});

describe('with limits of its own', () => {
  const limited = useServer({
    env: { PACKYARD_LIMITS_UPLOAD_BYTES: '100000', PACKYARD_LIMITS_FAILED_LOGINS_PER_MINUTE: '3' },
  });

  test('a server refuses larger blobs with 413, in one piece and in many, and the upload goes on', async () => {
    const target = new Image(limited(), 'limited/app');
    const bytes = someBytes(100_001);
    const whole = { body: bytes, headers: OCTETS };
    const digest = digestOf(bytes);
    await expectError(await target.call('POST', `blobs/uploads/?digest=${digest}`, whole), 413, 'SIZE_INVALID');
    const location = await target.begin();
    await expectError(await target.call('PUT', ending(location, digest), whole), 413, 'SIZE_INVALID');
    await target.ok(202, 'PATCH', location, { body: bytes.slice(0, 60_000), headers: OCTETS });
    const rest = { body: bytes.slice(60_000), headers: OCTETS };
    await expectError(await target.call('PATCH', location, rest), 413, 'SIZE_INVALID');
    await expectError(await target.call('PUT', ending(location, digest), rest), 413, 'SIZE_INVALID');
    expect(await rangeOf(target, location)).toBe('0-59999');
    const exact = bytes.slice(0, 100_000);
    await target.ok(201, 'PUT', ending(location, digestOf(exact)), { body: exact.slice(60_000), headers: OCTETS });
  });

  test('who fails to log in too often is told to wait, in JSON, at the token endpoint and everywhere', async () => {
    const wrong = new Image(limited(), 'limited/app', null);
    const statuses: number[] = [];
    for (const path of ['/token', '/v2/', 'tags/list', '/token', '/v2/', 'manifests/x']) {
      const response = await wrong.call('GET', path, { headers: basic('wrong') });
      statuses.push(response.status);
      if (response.status !== 429) continue;
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      await expectError(response, 429, 'TOOMANYREQUESTS');
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429, 429]);
    const form = new URLSearchParams({ grant_type: 'password', username: 'me', password: 'wrong' });
    const posted = await fetch(`${limited().url}/token`, { method: 'POST', body: form });
    await expectError(posted, 429, 'TOOMANYREQUESTS');
    // Who has the right one is let in, from the same address too.
    await new Image(limited(), 'limited/app').ok(200, 'GET', '/v2/');
  });
});
