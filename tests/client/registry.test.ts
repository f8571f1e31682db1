import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { localFile, OCI_INDEX, OCI_MANIFEST, RegistryClient, type RegistryError } from '../../src/client/index.ts';
import { skipVisibly } from '../support/clients.ts';
import { DOCKER_REGISTRY_SKIP_REASON, DockerRegistry, hasDockerRegistry } from '../support/docker-registry.ts';
import { failure } from '../support/failure.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { TempFolder } from '../support/temp-folder.ts';

const text = (value: string) => new TextEncoder().encode(value);
const noise = (size: number, seed: number) => new Uint8Array(size).map((_, index) => (index * seed) >> 3);

async function read(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

if (!hasDockerRegistry()) skipVisibly('the registry client on Docker’s registry', DOCKER_REGISTRY_SKIP_REASON);
else {
  describe('the registry client on Docker’s registry', () => {
    let registry: DockerRegistry;
    let client: RegistryClient;
    beforeAll(async () => {
      registry = await DockerRegistry.start();
      client = new RegistryClient(registry.url, { sleep: async () => {} });
    });
    afterAll(() => registry.stop());

    const pushConfig = (name: string) => client.repository(name).pushBlob(text('{}'));

    async function imageIn(name: string, more: Record<string, unknown> = {}): Promise<string> {
      const { digest, size } = await pushConfig(name);
      const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size };
      return JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [], ...more });
    }

    test('answers, also by its bare host', async () => {
      await client.ping();
      await new RegistryClient(registry.host).ping();
    });

    test('takes a blob of every kind of source and gives it back', async () => {
      using folder = new TempFolder();
      const bytes = noise(300_000, 7);
      await Bun.write(folder.join('file'), bytes);
      const pieces = () => [bytes.subarray(0, 1000), bytes.subarray(1000)];
      async function* later() {
        yield* pieces();
      }
      const sources = {
        bytes,
        blob: new Blob([bytes]),
        file: await localFile(folder.join('file')),
        stream: new Blob([bytes]).stream(),
        iterable: pieces(),
        later: later(),
      };
      for (const [name, source] of Object.entries(sources)) {
        const repository = client.repository(`sources/${name}`);
        const { digest, ...pushed } = await repository.pushBlob(source);
        expect(pushed).toEqual({ size: 300_000, result: 'uploaded' });
        const pulled = await repository.pullBlob(digest);
        expect(pulled.size).toBe(300_000);
        expect(await read(pulled.stream)).toEqual(bytes);
      }
    });

    test('takes nothing, and sha512, and pieces', async () => {
      const repository = client.repository('odd/blobs');
      const bytes = noise(100_001, 5);
      for (const [source, options] of [
        [new Uint8Array(), {}],
        [bytes, { algorithm: 'sha512' }],
        [bytes, { chunkSize: 10_000 }],
        [new Uint8Array(), { chunkSize: 10 }],
      ] as const) {
        const { digest } = await repository.pushBlob(source, { ...options, skipExisting: false });
        expect(await read((await repository.pullBlob(digest)).stream)).toEqual(source);
      }
    });

    test('tells progress up to the size, in both directions', async () => {
      const repository = client.repository('progress');
      const bytes = noise(2_000_000, 3);
      const seen: [string, number, number | undefined][] = [];
      const note = (way: string) => (done: number, total: number | undefined) => void seen.push([way, done, total]);
      const { digest } = await repository.pushBlob(new Blob([bytes]), { onProgress: note('out') });
      await read((await repository.pullBlob(digest, { onProgress: note('in') })).stream);
      for (const way of ['out', 'in']) {
        const own = seen.filter(([which]) => which === way);
        expect(own.at(-1)).toEqual([way, 2_000_000, 2_000_000]);
        expect(own.map(([, done]) => done)).toEqual(own.map(([, done]) => done).toSorted((a, b) => a - b));
      }
    });

    test('is not sent what it has', async () => {
      const repository = client.repository('present');
      const first = await repository.pushBlob(text('once'));
      const again = await repository.pushBlob(text('once'));
      expect([first.result, again.result]).toEqual(['uploaded', 'present']);
      expect(await repository.statBlob(first.digest)).toEqual({ digest: first.digest, size: 4 });
    });

    test('mounts a blob from another repository, or says that it does not', async () => {
      const { digest } = await client.repository('mount/from').pushBlob(text('to be mounted'));
      const to = client.repository('mount/to');
      expect(await to.mountBlob(digest, 'mount/nowhere')).toBe(false);
      expect(await to.mountBlob(digest, 'mount/from')).toBe(true);
      const pushed = await client.repository('mount/push').pushBlob(text('to be mounted'), { mountFrom: 'mount/from' });
      expect(pushed).toEqual({ digest, size: 13, result: 'mounted' });
    });

    test('forgets a blob', async () => {
      const repository = client.repository('delete/blob');
      const { digest } = await repository.pushBlob(text('to be deleted'));
      await repository.deleteBlob(digest);
      expect(await repository.statBlob(digest)).toBeUndefined();
      expect(await failure(repository.deleteBlob(digest))).toMatchObject({ status: 404, code: 'BLOB_UNKNOWN' });
      expect(await failure(repository.pullBlob(digest))).toMatchObject({
        name: 'RegistryNotFoundError',
        code: 'BLOB_UNKNOWN',
        message: `blob unknown to registry (404 for GET ${registry.host}/v2/delete/blob/blobs/${digest})`,
      });
    });

    test('keeps a manifest byte for byte, under all its tags', async () => {
      const repository = client.repository('manifests');
      const manifest = `${await imageIn('manifests')} \n`;
      const put = await repository.putManifest(manifest, { tags: ['1.2.3', '1.2', '1', 'latest'] });
      expect(put).toMatchObject({ mediaType: OCI_MANIFEST, size: manifest.length });
      const tags = await Array.fromAsync(repository.tags());
      expect(tags.toSorted()).toEqual(['1', '1.2', '1.2.3', 'latest']);
      for (const reference of [put.digest, '1.2']) {
        const got = await repository.getManifest(reference);
        expect(new TextDecoder().decode(got.bytes)).toBe(manifest);
        expect(got).toMatchObject({ digest: put.digest, mediaType: OCI_MANIFEST, size: manifest.length });
        expect(await repository.statManifest(reference)).toEqual({
          digest: put.digest,
          mediaType: OCI_MANIFEST,
          size: manifest.length,
        });
      }
      expect(await repository.statManifest('2.0')).toBeUndefined();
    });

    test('deletes a manifest with its tags', async () => {
      const repository = client.repository('delete/manifest');
      const { digest } = await repository.putManifest(await imageIn('delete/manifest'), { tags: ['a', 'b'] });
      await repository.deleteManifest(digest);
      expect(await Array.fromAsync(repository.tags())).toEqual([]);
      expect(await failure(repository.getManifest('a'))).toMatchObject({ status: 404, code: 'MANIFEST_UNKNOWN' });
    });

    test('takes manifests that do not say what they are', async () => {
      const repository = client.repository('untyped');
      const manifest = await imageIn('untyped', { mediaType: undefined });
      expect((await repository.putManifest(manifest, { tags: ['a'] })).mediaType).toBe(OCI_MANIFEST);
      const { digest, size } = await repository.getManifest('a');
      const index = JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: OCI_MANIFEST, digest, size }] });
      expect((await repository.putManifest(index)).mediaType).toBe(OCI_INDEX);
      expect(await failure(repository.putManifest('{}'))).toMatchObject({ code: 'invalid_request' });
      expect(await failure(repository.putManifest(manifest, { digest: `sha256:${'0'.repeat(64)}` }))).toMatchObject({
        name: 'RegistryDigestError',
      });
    });

    test('lists what refers to a manifest, though it has no API for it', async () => {
      const repository = client.repository('referrers');
      const { digest, size } = await repository.putManifest(await imageIn('referrers'), { tags: ['a'] });
      const subject = { mediaType: OCI_MANIFEST, digest, size };
      for (const artifactType of ['application/x.sbom', 'application/x.signature']) {
        const annotations = { of: artifactType };
        const manifest = await imageIn('referrers', { subject, artifactType, annotations });
        await repository.putManifest(manifest);
        // A second time changes nothing.
        await repository.putManifest(manifest);
      }
      const all = await Array.fromAsync(repository.referrers(digest));
      expect(all.map((entry) => entry.artifactType)).toEqual(['application/x.sbom', 'application/x.signature']);
      expect(all[0]).toMatchObject({ mediaType: OCI_MANIFEST, annotations: { of: 'application/x.sbom' } });
      const signatures = await Array.fromAsync(
        repository.referrers(digest, { artifactType: 'application/x.signature' }),
      );
      expect(signatures).toEqual(all.slice(1));
      expect(await Array.fromAsync(repository.referrers(`sha256:${'0'.repeat(64)}`))).toEqual([]);
    });

    test('lists its repositories in pages', async () => {
      for (const name of ['list/a', 'list/b', 'list/c']) await pushConfig(name);
      const all = await Array.fromAsync(client.repositories());
      expect(all).toContain('list/b');
      expect(await Array.fromAsync(client.repositories({ pageSize: 2 }))).toEqual(all);
      const after = await Array.fromAsync(client.repositories({ after: 'list/a', pageSize: 1 }));
      expect(after).toEqual(all.slice(all.indexOf('list/a') + 1));
    });

    test('gets what is missing when answers break off', async () => {
      await using proxy = await FaultProxy.start(registry.url);
      const bytes = noise(3_000_000, 11);
      const { digest } = await client.repository('broken/answers').pushBlob(bytes);
      proxy.breakAnswers({ after: 1_000_000, times: 2, only: /^GET \S*blobs/ });
      const through = new RegistryClient(proxy.url, { sleep: async () => {} }).repository('broken/answers');
      expect(await read((await through.pullBlob(digest)).stream)).toEqual(bytes);
      expect(proxy.broken).toBe(2);
    });

    test('gets the whole blob when uploads break off, in one request or in pieces', async () => {
      for (const chunkSize of [undefined, 500_000]) {
        await using proxy = await FaultProxy.start(registry.url);
        proxy.breakRequests({ after: 300_000, times: 2, only: /^P(UT|ATCH) \S*uploads/ });
        const through = new RegistryClient(proxy.url, { sleep: async () => {} }).repository(
          `broken/${chunkSize ?? 'one'}`,
        );
        const bytes = noise(2_000_000, 13);
        const { digest } = await through.pushBlob(bytes, { chunkSize });
        expect(proxy.broken).toBe(2);
        expect(await read((await through.pullBlob(digest)).stream)).toEqual(bytes);
      }
    });

    test('is waited for while it is busy', async () => {
      await using proxy = await FaultProxy.start(registry.url);
      proxy.refuse(3);
      const through = new RegistryClient(proxy.url, { sleep: async () => {} });
      await through.ping();
      expect(proxy.refused).toBe(3);
      proxy.refuse();
      expect(await failure(through.ping())).toMatchObject({ status: 503, isTransient: true });
      expect(proxy.refused).toBe(8);
    });
  });

  describe('the registry client on a registry with passwords and TLS', () => {
    let registry: DockerRegistry;
    beforeAll(async () => {
      registry = await DockerRegistry.start({ tls: true, login: { username: 'fred', password: 'päss:word' } });
    });
    afterAll(() => registry.stop());

    const trusting = {
      fetch: (url: string, init: RequestInit) =>
        fetch(url, { ...init, tls: { ca: readFileSync(registry.certificate, 'utf8') } }),
      sleep: async () => {},
    };

    test('logs in, in every way', async () => {
      const [username, password] = ['fred', 'päss:word'];
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      for (const credentials of [{ username, password }, { authorization }, async () => ({ username, password })]) {
        const client = new RegistryClient(registry.url, { ...trusting, credentials });
        const { digest } = await client.repository('team/app').pushBlob(text('private'));
        expect(await client.repository('team/app').statBlob(digest)).toBeDefined();
      }
      const inAddress = registry.url.replace('https://', `https://fred:${encodeURIComponent(password)}@`);
      await new RegistryClient(inAddress, trusting).ping();
    });

    test('says that it is not let in, and shows no password', async () => {
      const anonymous = await failure(new RegistryClient(registry.url, trusting).ping());
      expect(anonymous).toMatchObject({ name: 'RegistryUnauthorizedError', status: 401, code: 'UNAUTHORIZED' });
      const credentials = { username: 'fred', password: 'hunter2' };
      const wrong = await failure<RegistryError>(new RegistryClient(registry.url, { ...trusting, credentials }).ping());
      expect(wrong).toMatchObject({ name: 'RegistryUnauthorizedError', status: 401 });
      expect(`${wrong.message} ${wrong.hint} ${JSON.stringify(wrong)}`).not.toContain('hunter2');
    });

    test('does not talk to a registry whose certificate nobody vouches for', async () => {
      const error = await failure(new RegistryClient(registry.url, { sleep: async () => {} }).ping());
      expect(error).toMatchObject({ name: 'RegistryConnectionError', isTransient: false });
    });
  });
}
