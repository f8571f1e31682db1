import { describe, expect, test } from 'bun:test';
import {
  DXF,
  OCI_MANIFEST,
  RegistryClient,
  type RegistryClientOptions,
  type RegistryError,
} from '../../src/client/index.ts';
import { createRepository } from '../support/api.ts';
import { failure } from '../support/failure.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { useServer } from '../support/use-server.ts';

const server = useServer();
const BYTES = new Uint8Array(3_000_000).map((_, index) => index * 31);

/** Notes what is asked, and whether with what. */
function watched(url = server().url, more: RegistryClientOptions = {}) {
  const requests: string[] = [];
  const client = new RegistryClient(url, {
    credentials: { username: 'me', password: server().adminToken },
    sleep: async () => {},
    fetch: (address, init) => {
      requests.push(`${init.method} ${new URL(address).pathname.replace(/uploads\/.+/, 'uploads/ID')}`);
      return fetch(address, init);
    },
    ...more,
  });
  return { client, requests };
}

async function read(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function imageIn(name: string, more: Record<string, unknown> = {}): Promise<string> {
  const { digest, size } = await watched().client.repository(name).pushBlob(new TextEncoder().encode('{}'));
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size };
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [], ...more });
}

describe('the registry client on this server', () => {
  test('pushes and pulls blobs in every way', async () => {
    const repository = watched().client.repository('team/blobs');
    for (const options of [{}, { chunkSize: 1_000_000 }, { algorithm: 'sha512' }] as const) {
      for (const source of [BYTES, new Blob([BYTES]).stream(), new Uint8Array()]) {
        const { digest, size } = await repository.pushBlob(source, { ...options, skipExisting: false });
        const blob = await repository.pullBlob(digest);
        expect(blob.size).toBe(size);
        expect((await read(blob.stream)).byteLength).toBe(size);
      }
    }
  });

  test.each([undefined, 1_000_000])('goes on with an upload that broke off, in pieces of %p', async (chunkSize) => {
    await using proxy = await FaultProxy.start(server().url);
    proxy.breakRequests({ after: 400_000, times: 2, only: /^P(UT|ATCH) \S*uploads/ });
    const { client, requests } = watched(proxy.url);
    const repository = client.repository(`team/broken-${chunkSize ?? 'whole'}`);
    const { digest } = await repository.pushBlob(new Blob([BYTES]), { chunkSize, skipExisting: false });
    expect(proxy.broken).toBe(2);
    expect(await read((await repository.pullBlob(digest)).stream)).toEqual(BYTES);
    // One upload all the time, unless the server was asked before it had noted what came with the broken request.
    expect(requests.filter((request) => request.startsWith('POST')).length).toBeLessThanOrEqual(3);
  });

  test('gets what is missing when an answer breaks off', async () => {
    const { digest } = await watched().client.repository('team/pull').pushBlob(BYTES);
    await using proxy = await FaultProxy.start(server().url);
    proxy.breakAnswers({ after: 1_000_000, times: 2, only: /^GET \S*blobs/ });
    const { stream } = await watched(proxy.url).client.repository('team/pull').pullBlob(digest);
    expect(await read(stream)).toEqual(BYTES);
    expect(proxy.broken).toBe(2);
  });

  test('sets many tags in one request, and deletes one alone', async () => {
    const { client, requests } = watched();
    const repository = client.repository('team/tags');
    const manifest = await imageIn('team/tags');
    const { digest } = await repository.putManifest(manifest, { tags: ['1.2.3', '1.2', '1', 'latest'] });
    expect(requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
    expect(await Array.fromAsync(repository.tags({ pageSize: 3 }))).toEqual(['1', '1.2', '1.2.3', 'latest']);
    expect(await Array.fromAsync(repository.tags({ after: '1.2' }))).toEqual(['1.2.3', 'latest']);
    await repository.deleteTag('1.2.3');
    expect(await repository.statManifest('1.2.3')).toBeUndefined();
    expect(await repository.statManifest('latest')).toEqual({ digest, mediaType: OCI_MANIFEST, size: manifest.length });
    await repository.deleteManifest(digest);
    expect(await Array.fromAsync(repository.tags())).toEqual([]);
  });

  test('lists what refers to a manifest, without tags for that', async () => {
    const repository = watched().client.repository('team/referrers');
    const { digest, size } = await repository.putManifest(await imageIn('team/referrers'), { tags: ['a'] });
    const subject = { mediaType: OCI_MANIFEST, digest, size };
    for (const artifactType of ['application/x.sbom', 'application/x.signature']) {
      await repository.putManifest(await imageIn('team/referrers', { subject, artifactType }));
    }
    const types = async (artifactType?: string) =>
      (await Array.fromAsync(repository.referrers(digest, { artifactType })))
        .map((entry) => entry.artifactType)
        .toSorted();
    expect(await types()).toEqual(['application/x.sbom', 'application/x.signature']);
    expect(await types('application/x.sbom')).toEqual(['application/x.sbom']);
    expect(await Array.fromAsync(repository.tags())).toEqual(['a']);
  });

  test('mounts from one repository into another', async () => {
    const { client } = watched();
    const { digest } = await client.repository('one/app').pushBlob(BYTES);
    const pushed = await client.repository('two/app').pushBlob(BYTES, { mountFrom: 'one/app' });
    expect(pushed).toEqual({ digest, size: 3_000_000, result: 'mounted' });
    expect(await client.repository('two/app').mountBlob(`sha256:${'0'.repeat(64)}`, 'one/app')).toBe(false);
  });

  test('is let in as far as its token reaches', async () => {
    await createRepository(server(), 'oci/secret', { visibility: 'private' });
    const { digest } = await watched().client.repository('secret/app').pushBlob(BYTES);
    const anonymous = new RegistryClient(server().url);
    expect(await failure(anonymous.repository('secret/app').pullBlob(digest))).toMatchObject({
      name: 'RegistryUnauthorizedError',
      status: 401,
    });
    const credentials = { username: 'me', password: 'pky_wrong' };
    const wrong = await failure<RegistryError>(new RegistryClient(server().url, { credentials }).ping());
    expect(wrong).toMatchObject({ status: 401 });
    expect(wrong.message).not.toContain('pky_wrong');
    for (const authorization of [`Bearer ${server().adminToken}`, `Basic ${btoa(`x:${server().adminToken}`)}`]) {
      const ready = new RegistryClient(server().url, { credentials: { authorization } });
      expect(await ready.repository('secret/app').statBlob(digest)).toEqual({ digest, size: 3_000_000 });
    }
    expect(await Array.fromAsync(watched().client.repositories({ pageSize: 1 }))).toContain('secret/app');
  });

  test('is a store of blobs with aliases', async () => {
    const auth = (dxf: { authenticate: DXF['authenticate'] }, response: Response) =>
      dxf.authenticate('fred', server().adminToken, { response });
    const dxf = new DXF(new URL(server().url).host, 'fred/datalogger', auth, { insecure: true });
    const digest = 'sha256:43f54b5a0da3de103b25fd808029f3ce16ed2d73688360d2ee89750aa51e4bf0';
    await dxf.pushBlob(new TextEncoder().encode('2015-05 11\n'), { digest });
    const manifest = await dxf.setAlias('may15-readings', digest);
    expect(await dxf.getAlias('may15-readings')).toEqual([digest]);
    expect(await dxf.getManifest('may15-readings')).toBe(manifest);
    expect(Buffer.concat(await Array.fromAsync(dxf.pullBlob(digest))).toString()).toBe('2015-05 11\n');
    expect(await dxf.delAlias('may15-readings')).toEqual([digest]);
    expect(await dxf.listAliases()).toEqual([]);
    await dxf.delBlob(digest);
    expect(await failure(dxf.blobSize(digest))).toMatchObject({ status: 404 });
    const stranger = new DXF(new URL(server().url).host, 'fred/datalogger', undefined, { insecure: true });
    expect(await failure(stranger.pushBlob([BYTES], { digest, checkExists: false }))).toMatchObject({
      name: 'DXFUnauthorizedError',
    });
  });
});
