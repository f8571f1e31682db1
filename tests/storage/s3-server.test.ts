import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { S3Location } from '../../src/config/config.ts';
import { S3ObjectStore } from '../../src/storage/s3/s3-object-store.ts';
import { bearer, createRepository, putFile } from '../support/api.ts';
import { skipVisibly } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { hasS3Server, newBucket, S3_SKIP_REASON, s3Server, s3Url } from '../support/seaweedfs.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { sha256 } from '../support/wheel.ts';

const MIB = 1024 * 1024;
const LARGE = 'x'.repeat(65_535) + '0123456789'.repeat(300_000);

if (hasS3Server()) describe('a server with its files in a bucket', withBucket);
else skipVisibly('a server with its files in a bucket publishes and serves them', S3_SKIP_REASON);

function withBucket(): void {
  const folder = new TempFolder('bucket');
  let location: S3Location;
  let proxy: FaultProxy;
  let store: S3ObjectStore;
  let server: TestServer;

  beforeAll(async () => {
    location = newBucket(await s3Server());
    proxy = await FaultProxy.start(location.endpoint ?? '');
    store = await S3ObjectStore.open(location, { staging: folder.path });
    server = await TestServer.start({
      storage: s3Url({ ...location, endpoint: proxy.url }),
      env: { PACKYARD_REDIRECTS_NETWORKS: '127.0.0.9', PACKYARD_TRUSTED_PROXIES: '127.0.0.1' },
      flags: ['--log-level', 'debug', '--log-format', 'json'],
    });
    await (await putFile(server, 'files/p/1/large.txt', LARGE)).arrayBuffer();
    await (await putFile(server, 'files/p/1/small.txt', 'small')).arrayBuffer();
  });
  afterAll(async () => {
    await server.stop();
    await proxy[Symbol.asyncDispose]();
    folder.dispose();
  });

  const large = () => `${server.url}/repo/generic/files/p/1/large.txt`;
  /** As a client of a network that the settings name. */
  const near = { 'x-forwarded-for': '127.0.0.9' };
  const get = (headers: Record<string, string> = {}, method = 'GET', url = large()) =>
    fetch(url, { method, headers: { ...bearer(server.adminToken), ...headers }, redirect: 'manual' });

  test('sends them to everybody, whole and in part, from small to large', async () => {
    const whole = await get();
    expect(whole.status).toBe(200);
    expect(await whole.text()).toBe(LARGE);
    const part = await get({ range: 'bytes=65535-65544' });
    expect([part.status, await part.text()]).toEqual([206, '0123456789']);
    const some = await get({ range: `bytes=1-${2 * MIB}` });
    expect(sha256(await some.text())).toBe(sha256(LARGE.slice(1, 2 * MIB + 1)));
    const small = await get({}, 'GET', large().replace('large', 'small'));
    expect([await small.text(), small.headers.get('content-length')]).toEqual(['small', '5']);
  });

  test('answers HEAD itself, for whomever, without asking the store', async () => {
    const before = proxy.passedOn;
    for (const headers of [{}, near]) {
      const answer = await get(headers, 'HEAD');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-length')).toBe(String(LARGE.length));
      expect(answer.headers.get('etag')).toBe(`"${sha256(LARGE)}"`);
    }
    expect(proxy.passedOn).toBe(before);
  });

  test('sends near clients to the store, which gives the bytes to whoever has the address', async () => {
    const answer = await get(near);
    expect(answer.status).toBe(307);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const address = answer.headers.get('location') ?? '';
    expect(address).toStartWith(`${proxy.url}/${location.bucket}/`);
    const given = await fetch(address);
    expect(given.headers.get('content-disposition')).toBe('attachment; filename="large.txt"');
    expect(given.headers.get('content-type')).toStartWith('text/plain');
    expect(await given.text()).toBe(LARGE);
    const followed = await fetch(large(), { headers: { ...near, range: 'bytes=65535-65544' } });
    expect([followed.status, await followed.text()]).toEqual([206, '0123456789']);
  });

  test('asks near clients to come back only for what has changed and is worth it', async () => {
    expect((await get({ ...near, 'if-none-match': `"${sha256(LARGE)}"` })).status).toBe(304);
    expect((await get({ ...near, range: 'bytes=99999999-' })).status).toBe(416);
    expect((await get(near, 'GET', large().replace('large', 'small'))).status).toBe(200);
  });

  test('does in a repository as that says: send all clients to the store, or none', async () => {
    for (const [downloads, headers, status] of [
      ['redirect', {}, 307],
      ['proxy', near, 200],
    ] as const) {
      await createRepository(server, `generic/${downloads}`, { downloads });
      await (await putFile(server, `${downloads}/p/1/f`, LARGE)).arrayBuffer();
      const answer = await get(headers, 'GET', `${server.url}/repo/generic/${downloads}/p/1/f`);
      expect(answer.status).toBe(status);
      await answer.arrayBuffer();
    }
  });

  test('never writes keys or presigned addresses to its log', async () => {
    await eventually('the requests are logged', () => server.output.includes('large.txt'));
    expect(server.output).not.toContain('X-Amz');
    expect(server.output).not.toContain(location.credentials?.secretAccessKey ?? '');
  });

  test('publishes and serves while the store answers 503 for a while and breaks off', async () => {
    proxy.refuse(4);
    const published = await putFile(server, 'files/p/2/large.txt', `${LARGE}2`);
    expect([200, 201]).toContain(published.status);
    await published.arrayBuffer();
    proxy.breakAnswers({ after: MIB, times: 3 });
    const answer = await get({}, 'GET', large().replace('/1/', '/2/'));
    expect(sha256(await answer.text())).toBe(sha256(`${LARGE}2`));
    proxy.calm();
  });

  test('lets go of the store when a client goes away in the middle', async () => {
    const before = proxy.passedOn;
    proxy.slowDown(MIB / 4);
    const abort = new AbortController();
    const answer = await fetch(large(), { headers: bearer(server.adminToken), signal: abort.signal });
    await answer.body?.getReader().read();
    const open = proxy.connections;
    abort.abort();
    await eventually('the connection to the store ends', () => proxy.connections < open);
    expect(proxy.passedOn - before).toBeLessThan(LARGE.length);
    proxy.calm();
  });

  test('says 503 and when to come back while the store is gone, and works again when it is back', async () => {
    const impatient = await TestServer.start({ storage: s3Url({ ...location, endpoint: proxy.url }) });
    try {
      await (await putFile(impatient, 'gone/p/1/f', 'before')).arrayBuffer();
      proxy.refuse();
      const refused = await putFile(impatient, 'gone/p/1/g', 'while it is gone');
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused.text()).toContain('the object store is not well (503 SlowDown)');
      expect((await fetch(`${impatient.url}/readyz`)).status).toBe(503);
      proxy.calm();
      const published = await putFile(impatient, 'gone/p/1/g', 'while it is gone');
      expect(published.status).toBe(201);
      await published.arrayBuffer();
    } finally {
      proxy.calm();
      await impatient.stop();
    }
  });

  test('leaves nothing in the bucket but what its rows name', async () => {
    expect(await Array.fromAsync(store.unfinished())).toEqual([]);
    const sizes = (await Array.fromAsync(store.list())).map((object) => object.size).sort((a, b) => a - b);
    expect(sizes).toContain(LARGE.length + 1);
    expect(sizes.filter((size) => size === LARGE.length)).toHaveLength(1);
  });
}
