import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import {
  DXF,
  type DXFAuth,
  DXFBase,
  type DXFOptions,
  hashBytes,
  hashFile,
  type RegistryError,
  splitDigest,
} from '../../src/client/index.ts';
import { skipVisibly } from '../support/clients.ts';
import { DOCKER_REGISTRY_SKIP_REASON, DockerRegistry, hasDockerRegistry } from '../support/docker-registry.ts';
import { failure } from '../support/failure.ts';
import { TempFolder } from '../support/temp-folder.ts';

const LINE = '2015-05 11\n';
const LINE_DIGEST = 'sha256:43f54b5a0da3de103b25fd808029f3ce16ed2d73688360d2ee89750aa51e4bf0';
/** As the original writes it. */
const LINE_MANIFEST =
  `{"config": {"digest": "${LINE_DIGEST}", "mediaType": "application/vnd.docker.container.image.v1+json", "size": 11}, ` +
  `"layers": [{"digest": "${LINE_DIGEST}", "mediaType": "application/octet-stream", "size": 11}], ` +
  '"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "schemaVersion": 2}';
const UNKNOWN = `sha256:${'0'.repeat(64)}`;

async function text(parts: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(parts)).toString();
}

test('hashes are those of the original', async () => {
  using folder = new TempFolder();
  writeFileSync(folder.join('logger.dat'), LINE);
  expect(await hashFile(folder.join('logger.dat'))).toBe(LINE_DIGEST);
  expect(await hashBytes(new TextEncoder().encode(LINE))).toBe(LINE_DIGEST);
  expect(splitDigest(LINE_DIGEST)).toEqual(['sha256', LINE_DIGEST.slice(7)]);
  expect(() => splitDigest('sha512:00')).toThrow('expected digest method sha256, got sha512');
});

if (!hasDockerRegistry()) skipVisibly('DXF on Docker’s registry', DOCKER_REGISTRY_SKIP_REASON);
else {
  describe('DXF on a registry with passwords and TLS', () => {
    let registry: DockerRegistry;
    let options: DXFOptions;
    beforeAll(async () => {
      registry = await DockerRegistry.start({ tls: true, login: { username: 'fred', password: 'somepassword' } });
      options = { tlsverify: registry.certificate };
    });
    afterAll(() => registry.stop());

    const auth: DXFAuth = (dxf, response) => dxf.authByPassword('fred', 'somepassword', { response });

    test('does what the module example of the original does', async () => {
      using folder = new TempFolder();
      writeFileSync(folder.join('logger.dat'), LINE);

      const dxf = new DXF(registry.host, 'fred/datalogger', auth, options);

      const digest = await dxf.pushBlob(folder.join('logger.dat'));
      await dxf.setAlias('may15-readings', digest);

      const blobs = await dxf.getAlias('may15-readings');
      expect(blobs).toEqual([digest]);

      let readings = '';
      for await (const chunk of dxf.pullBlob(digest)) readings += new TextDecoder().decode(chunk);
      expect(readings).toBe(LINE);
    });

    test('logs in before the first request too', async () => {
      const base = new DXFBase(registry.host, undefined, options);
      expect(await base.authenticate('fred', 'somepassword')).toBeUndefined();
      expect(await base.listRepos()).toContain('fred/datalogger');
      // And for every repository of the same registry.
      expect(await DXF.fromBase(base, 'fred/datalogger').listAliases()).toEqual(['may15-readings']);
      const authorization = `Basic ${btoa('fred:somepassword')}`;
      const other = new DXFBase(registry.host, undefined, { tlsverify: false });
      await other.authenticate(undefined, undefined, { authorization });
      expect((await other.apiVersionCheck())[0]).toBe('{}');
    });

    test('says that it may not', async () => {
      const anonymous = new DXF(registry.host, 'fred/datalogger', undefined, options);
      expect(await failure(anonymous.listAliases())).toMatchObject({
        name: 'DXFUnauthorizedError',
        message: 'unauthorized',
        status: 401,
      });
      const wrong = new DXF(
        registry.host,
        'a',
        (dxf, response) => dxf.authenticate('fred', 'wrong', { response }),
        options,
      );
      expect(await failure(text(wrong.pullBlob(UNKNOWN)))).toMatchObject({ name: 'DXFUnauthorizedError' });
    });

    test('trusts no certificate that it was not given', async () => {
      const error = await failure<RegistryError>(new DXF(registry.host, 'a', auth).listAliases());
      expect(error).toMatchObject({ name: 'RegistryConnectionError' });
    });
  });

  describe('DXF on Docker’s registry', () => {
    let registry: DockerRegistry;
    beforeAll(async () => {
      registry = await DockerRegistry.start();
    });
    afterAll(() => registry.stop());

    const open = (repo: string, more: DXFOptions = {}) =>
      new DXF(registry.host, repo, undefined, { insecure: true, sleep: async () => {}, ...more });
    const push = async (dxf: DXF, line: string) =>
      dxf.pushBlob(new TextEncoder().encode(line), { digest: await hashBytes(line) });

    test('makes aliases byte for byte as the original', async () => {
      const dxf = open('aliases');
      await push(dxf, LINE);
      expect(await dxf.makeManifest(LINE_DIGEST)).toBe(LINE_MANIFEST);
      expect(await dxf.setAlias('one', LINE_DIGEST)).toBe(LINE_MANIFEST);
      expect(await dxf.getManifest('one')).toBe(LINE_MANIFEST);
      expect(await dxf.getDigest('one')).toBe(LINE_DIGEST);
      const [digest, response] = await dxf.headManifestAndResponse('one');
      expect(digest).toBe(await hashBytes(LINE_MANIFEST));
      expect(response.headers.get('content-type')).toBe('application/vnd.docker.distribution.manifest.v2+json');
      expect((await dxf.getManifestAndResponse('one'))[0]).toBe(LINE_MANIFEST);
    });

    test('gives an alias to many blobs, in their order', async () => {
      const dxf = open('many');
      const [b, a] = [await push(dxf, 'b'), await push(dxf, 'aa')];
      const manifest = await dxf.setAlias('many', b, a.replace('sha256:', ''));
      expect(await dxf.getAlias('many')).toEqual([b, a]);
      expect(await dxf.getAlias(await hashBytes(manifest), { sizes: true })).toEqual([
        [b, 1],
        [a, 2],
      ]);
      expect(await dxf.getAlias(undefined, { manifest })).toEqual([b, a]);
      await dxf.setManifest('again', manifest);
      expect(await dxf.listAliases({ batchSize: 1 })).toEqual(['again', 'many']);
      // The manifest goes, and with it every alias of it; the blobs stay.
      expect(await dxf.delAlias('many')).toEqual([b, a]);
      expect(await dxf.listAliases()).toEqual([]);
      expect(await dxf.blobSize(a)).toBe(2);
      await dxf.delBlob(a);
      expect(await failure(dxf.blobSize(a))).toMatchObject({ status: 404, code: 'BLOB_UNKNOWN' });
      expect(await failure(dxf.makeManifest())).toMatchObject({ code: 'invalid_request' });
    });

    test('tells progress: of files with their size, of data without', async () => {
      using folder = new TempFolder();
      writeFileSync(folder.join('file'), 'progress');
      const dxf = open('progress');
      const seen: unknown[] = [];
      const progress = (digest: string, chunk: Uint8Array, size?: number) =>
        void seen.push([digest, chunk.byteLength, size]);
      const digest = await dxf.pushBlob(folder.join('file'), { progress });
      expect(seen).toEqual([
        [digest, 0, 8],
        [digest, 8, 8],
      ]);
      // It is there already.
      await dxf.pushBlob(folder.join('file'), { progress });
      expect(seen).toHaveLength(2);
      const pieces = ['pro', 'gress'].map((piece) => new TextEncoder().encode(piece));
      await dxf.pushBlob(pieces, { digest, progress, checkExists: false, chunkSize: 2 });
      expect(seen.slice(2)).toEqual([
        [digest, 3, undefined],
        [digest, 5, undefined],
      ]);
    });

    test('does not push data that is not what its digest says', async () => {
      const error = await failure(open('wrong').pushBlob([new Uint8Array(1)], { digest: LINE_DIGEST }));
      expect(error).toMatchObject({ name: 'DXFDigestMismatchError', expected: LINE_DIGEST });
      expect(error.message).toStartWith(`expected digest ${LINE_DIGEST}, got sha256:6e34`);
    });

    test('pulls in pieces of the size that is asked for, and tells the size', async () => {
      const dxf = open('pull');
      const digest = await push(dxf, '0123456789');
      const pieces = await Array.fromAsync(dxf.pullBlob(digest, { chunkSize: 4 }));
      expect(pieces.map((piece) => Buffer.from(piece).toString())).toEqual(['0123', '4567', '89']);
      const [bytes, size] = await dxf.pullBlob(digest.replace('sha256:', ''), { size: true });
      expect([await text(bytes), size]).toEqual(['0123456789', 10]);
      expect(await failure(text(dxf.pullBlob(UNKNOWN)))).toMatchObject({ status: 404 });
    });

    test('mounts blobs', async () => {
      const digest = await push(open('mount/from'), 'mounted');
      expect(await open('mount/to').mountBlob('mount/from', digest)).toBe(digest);
      expect(await failure(open('mount/to').mountBlob('mount/nowhere', digest.replace(/.$/, '0')))).toMatchObject({
        name: 'DXFMountFailed',
        message: 'Cross repository blob mount failed',
      });
    });

    test('reads what is there for each platform', async () => {
      const dxf = open('platforms');
      const [amd, arm] = [await push(dxf, 'amd'), await push(dxf, 'arm')];
      const manifests = await Promise.all(
        [amd, arm].map(async (blob, index) => {
          const manifest = await dxf.setAlias(`single-${index}`, blob);
          return { digest: await hashBytes(manifest), size: manifest.length, text: manifest };
        }),
      );
      const platforms = [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm', variant: 'v7' },
      ];
      const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
      const index = {
        schemaVersion: 2,
        mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
        manifests: manifests.map(({ digest, size }, at) => ({ mediaType, digest, size, platform: platforms[at] })),
      };
      await dxf.setManifest('multi', JSON.stringify(index));
      expect(await dxf.getAlias('multi')).toEqual({ 'linux/amd64': [amd], 'linux/arm/v7': [arm] });
      expect(await dxf.getAlias('multi', { platform: 'linux/arm/v7', sizes: true })).toEqual([[arm, 3]]);
      expect(await dxf.getDigest('multi')).toEqual({ 'linux/amd64': amd, 'linux/arm/v7': arm });
      expect(await dxf.getManifest('multi', { platform: 'linux/amd64' })).toBe(manifests[0]?.text ?? '');
      expect(await failure(dxf.getAlias('multi', { platform: 'plan9/386' }))).toMatchObject({
        name: 'DXFPlatformDataNotFound',
        message: 'Data not found for platform: plan9/386',
      });
      expect(await dxf.delAlias('multi')).toEqual({
        'linux/amd64': manifests[0]?.digest ?? '',
        'linux/arm/v7': manifests[1]?.digest ?? '',
      });
      expect(await dxf.getAlias('single-0')).toEqual([amd]);
    });

    test('reads and writes manifests that do not say what they are', async () => {
      const dxf = open('untyped');
      const digest = await push(dxf, LINE);
      const descriptor = { mediaType: 'application/octet-stream', digest, size: 11 };
      const manifest = JSON.stringify({ schemaVersion: 2, config: descriptor, layers: [descriptor] });
      await dxf.setManifest('untyped', manifest);
      expect(await dxf.getAlias('untyped')).toEqual([digest]);
      expect(await dxf.getDigest(undefined, { manifest })).toBe(digest);
      expect(await dxf.getManifest('untyped')).toBe(manifest);
    });

    test('names what it cannot read', async () => {
      const dxf = open('odd');
      const layers = [{ digest: 'sha512:00', size: 1 }];
      for (const [manifest, name, message] of [
        ['{"schemaVersion":1}', 'DXFUnsupportedSchemaType', 'manifest.v1+json" is not supported'],
        ['{"mediaType":"text/plain"}', 'DXFUnsupportedSchemaType', 'The mediaType "text/plain" is not supported'],
        [JSON.stringify({ layers }), 'DXFUnexpectedDigestMethodError', 'expected digest method sha256, got sha512'],
        ['nonsense', 'RegistryError', 'the manifest is not JSON'],
      ] as const) {
        const error = await failure(dxf.getAlias(undefined, { manifest }));
        expect([error.name, error.message]).toEqual([name, expect.stringContaining(message)]);
      }
      expect(await failure(dxf.getAlias())).toMatchObject({ code: 'invalid_request' });
    });

    test('lists repositories', async () => {
      for (const name of ['list/a', 'list/b']) await push(open(name), 'x');
      const base = new DXFBase(registry.host, undefined, { insecure: true });
      const all = await base.listRepos();
      expect(all).toContain('list/a');
      expect(await Array.fromAsync(base.iterateRepos({ batchSize: 1 }))).toEqual(all);
    });
  });
}
