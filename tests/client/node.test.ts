import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipVisibly } from '../support/clients.ts';
import { DOCKER_REGISTRY_SKIP_REASON, DockerRegistry, hasDockerRegistry } from '../support/docker-registry.ts';
import { type Lie, LyingRegistry } from '../support/lying-registry.ts';
import { inCheckout } from '../support/paths.ts';
import { runOk } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';

const BYTES = new Uint8Array(3_000_000).map((_, index) => index * 31);
const HEAD = { 'content-length': BYTES.byteLength };

/** What the registry does wrong, by the repository that it is asked for; `count` is of the requests of the method there. */
const LIES: Readonly<Record<string, (registry: LyingRegistry, count: number) => Lie>> = {
  cut:
    (_registry, count) =>
    ({ response }, next) => {
      if (count > 1) return next();
      response.writeHead(200, HEAD).write(BYTES.subarray(0, 1_000_000), () => response.destroy());
    },
  hangs:
    (_registry, count) =>
    ({ response }, next) => {
      if (count > 1) return next();
      response.writeHead(200, HEAD).write(BYTES.subarray(0, 1_000_000));
    },
  busy:
    (_registry, count) =>
    ({ response }, next) =>
      count > 2 ? next() : void response.writeHead(503, { 'retry-after': '1' }).end(),
  short:
    () =>
    ({ response }) =>
      void response.writeHead(200, HEAD).write(BYTES.subarray(0, 100), () => response.destroy()),
  lies:
    () =>
    ({ response }) =>
      void response.writeHead(200, HEAD).end(BYTES.with(0, 1)),
  long:
    () =>
    ({ response }) => {
      response.writeHead(200).write(BYTES);
      response.end('more');
    },
  'push-cut': (registry, count) => takingPart(registry, 'PUT', count === 1),
  'patch-cut': (registry, count) => takingPart(registry, 'PATCH', count === 2),
  'answer-lost':
    () =>
    async ({ request, response }, next) => {
      if (request.method !== 'PUT') return next();
      response.writeHead = () => {
        request.socket.destroy();
        return response;
      };
      await next();
    },
  unwilling:
    () =>
    ({ request, response }, next) => {
      if (request.method !== 'PUT') return next();
      response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message: 'no' }] }));
    },
};

function takingPart(registry: LyingRegistry, method: string, isDue: boolean): Lie {
  return async ({ request, path }, next) => {
    if (request.method !== method || !isDue) return next();
    await registry.take(request, /uploads\/([^?]*)/.exec(path)?.[1] ?? '', 500_000);
    request.socket.destroy();
  };
}

function lieByRepository(registry: LyingRegistry): void {
  registry.lie = (exchange, next) => {
    const [, name = ''] = /^\/v2\/([^/]+)\//.exec(exchange.path) ?? [];
    const { method } = exchange.request;
    // Whatever is pushed has to come in whole once more.
    if (method === 'POST') registry.blobs.clear();
    const count = registry.seen.filter((seen) => seen.method === method && seen.path.startsWith(`/v2/${name}/`)).length;
    return LIES[name]?.(registry, count)(exchange, next) ?? next();
  };
}

const EXPECTED = {
  'pushed in one': [true, 3_000_000, 3_000_000],
  'pushed in 1000000': [true, 3_000_000, 3_000_000],
  tags: ['a', 'b'],
  manifest: true,
  names: ['team/app'],
  anonymous: 'RegistryUnauthorizedError UNAUTHORIZED',
  missing: 'RegistryNotFoundError BLOB_UNKNOWN',
  alias: true,
  'pull honest': 3_000_000,
  'pull cut': 3_000_000,
  'pull hangs': 3_000_000,
  'pull busy': 3_000_000,
  'pull short': 'RegistryConnectionError connection_failed',
  'pull lies': 'RegistryDigestError digest_mismatch',
  'pull long': 'RegistryDigestError digest_mismatch',
  'push honest': 3_000_000,
  'push push-cut': 3_000_000,
  'push patch-cut': 3_000_000,
  'push answer-lost': 3_000_000,
  'push unwilling': 'RegistryUnauthorizedError DENIED',
  'push of a source that fails': 'Error: the disk is gone',
  'push of other bytes': 'RegistryDigestError digest_mismatch',
  'push cancelled': 'RegistryConnectionError cancelled',
  'nobody there': 'RegistryConnectionError connection_failed',
};

if (!hasDockerRegistry()) skipVisibly('the client library as it is built', DOCKER_REGISTRY_SKIP_REASON);
else {
  describe('the client library as it is built', () => {
    const folder = new TempFolder('client');
    const installed = folder.join('node_modules/packyard');
    const compiler = inCheckout('node_modules/.bin/tsc');
    beforeAll(async () => {
      // As it is in the folder of somebody who has installed it.
      mkdirSync(installed, { recursive: true });
      copyFileSync(inCheckout('package.json'), join(installed, 'package.json'));
      symlinkSync(inCheckout('node_modules/@noble'), folder.join('node_modules/@noble'));
      copyFileSync(inCheckout('tests/client/program.mjs'), folder.join('program.mjs'));
      const outDir = join(installed, 'dist/client');
      await runOk([compiler, '-p', inCheckout('tsconfig.client.json'), '--outDir', outDir]);
      writeFileSync(folder.join('file'), BYTES);
    });
    afterAll(() => folder.dispose());

    test('has types for whoever uses it', async () => {
      const lines = [
        "import { DXF, RegistryClient, type PulledBlob } from 'packyard/client';",
        "const repository = new RegistryClient('ghcr.io').repository('a/b');",
        "export const blob: Promise<PulledBlob> = repository.pullBlob('sha256:00', { size: 1 });",
        "export const size: Promise<number> = new DXF('ghcr.io', 'a/b').blobSize('sha256:00');",
        '// @ts-expect-error a digest is a text',
        'repository.statBlob(1);',
      ];
      writeFileSync(folder.join('uses.mts'), lines.join('\n'));
      const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
      await runOk([compiler, ...options, folder.join('uses.mts')], { cwd: folder.path });
    });

    test.each([
      ['Node', 'node'],
      ['Bun', process.execPath],
    ])('does on %s what it does here', async (_name, runtime) => {
      await using registry = await DockerRegistry.start({
        tls: true,
        login: { username: 'fred', password: 'somepassword' },
      });
      await using liar = await LyingRegistry.start();
      lieByRepository(liar);
      liar.keep(BYTES);
      const auths = { [registry.host]: { auth: btoa('fred:somepassword') } };
      writeFileSync(folder.join('config.json'), JSON.stringify({ auths }));
      const program = [runtime, folder.join('program.mjs')];
      const { stdout, stderr } = await runOk([...program, registry.url, liar.url, folder.join('file')], {
        env: { DOCKER_CONFIG: folder.path, NODE_EXTRA_CA_CERTS: registry.certificate },
      });
      expect(JSON.parse(stdout)).toEqual(EXPECTED);
      expect(stderr).toBe('');
      expect(liar.uploads.size).toBe(0);
    });
  });
}
