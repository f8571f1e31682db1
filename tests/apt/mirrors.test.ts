import { afterAll, describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { clientTest } from '../support/clients.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import {
  type MirroredPackage,
  type MirrorOptions,
  mirrorWithAptly,
  mirrorWithDebmirror,
  mirrorWithReprepro,
} from './mirrors.ts';
import { FAST_KEYS, publishDeb, publishSource, read, repositoryUrl } from './repository.ts';

const server = useServer({ env: { ...FAST_KEYS.env, PACKYARD_SIGNING_ALGORITHM: 'rsa3072' } });
const folder = new TempFolder('mirror-key');
afterAll(() => folder.dispose());

let prepared: Promise<MirrorOptions> | undefined;

/** A repository with what mirroring tools trip over: epochs, tildes, architectures, an empty component, deleted packages. */
async function prepare(): Promise<MirrorOptions> {
  const place = { repository: 'mirrored' };
  const deb = (Package: string, Version: string, Architecture: string) => ({
    control: { Package, Version, Architecture, Section: 'utils', Priority: 'optional' },
    files: { [`usr/share/doc/${Package}/README`]: `${Package} ${Version} ${Architecture}\n` },
  });
  await publishDeb(server(), place, deb('tool', '1:1.0~rc1+b2', 'amd64'));
  await publishDeb(server(), place, deb('tool', '1:1.0', 'amd64'));
  await publishDeb(server(), place, deb('tool', '1:1.0', 'arm64'));
  await publishDeb(server(), place, deb('data', '2.0', 'all'));
  await publishDeb(server(), { ...place, component: 'contrib' }, deb('extra', '3.0', 'amd64'));
  for (let number = 0; number < 400; number++) await publishDeb(server(), place, deb(`many-${number}`, '1', 'amd64'));
  await publishSource(server(), place, { source: 'tool', version: '1.0' });
  const key = folder.join('key.asc');
  writeFileSync(key, await read(server(), 'mirrored', 'key.asc'));
  return { url: repositoryUrl(server(), 'mirrored'), key, dist: 'bookworm', components: ['main', 'contrib'] };
}

function options(): Promise<MirrorOptions> {
  prepared ??= prepare();
  return prepared;
}

function names(packages: readonly MirroredPackage[]): string[] {
  return packages
    .filter(({ name }) => !name.startsWith('many-'))
    .map(({ name, version, architecture }) => `${name} ${version} ${architecture}`)
    .sort();
}

describe('strict consumers read the whole repository', () => {
  clientTest('aptly', 'aptly', async () => {
    const found = await mirrorWithAptly({ ...(await options()), architectures: ['amd64', 'arm64'] });
    expect(found.filter(({ name }) => name.startsWith('many-')).length).toBe(400);
    expect(names(found)).toEqual(
      [
        'data 2.0 all',
        'extra 3.0 amd64',
        'tool 1.0 source',
        'tool 1:1.0 amd64',
        'tool 1:1.0 arm64',
        'tool 1:1.0~rc1+b2 amd64',
      ].sort(),
    );
  });

  clientTest('reprepro', 'reprepro', async () => {
    const found = await mirrorWithReprepro(await options());
    expect(found.filter(({ name }) => name.startsWith('many-')).length).toBe(400);
    // It keeps the newest version of each.
    expect(names(found)).toContain('tool 1:1.0 amd64');
    expect(names(found)).toContain('tool 1.0 source');
    expect(names(found).some((name) => name.startsWith('data 2.0'))).toBe(true);
  });

  clientTest('debmirror', 'debmirror', async () => {
    const found = await mirrorWithDebmirror(await options());
    expect(found.filter(({ name }) => name.startsWith('many-')).length).toBe(400);
    expect(names(found)).toContain('tool 1:1.0~rc1+b2 amd64');
  });
});

test('an empty document is a whole gzip member and a whole zstd frame', async () => {
  await options();
  const at = (path: string) => fetch(`${repositoryUrl(server(), 'mirrored')}/dists/bookworm/${path}`);
  const gzip = new Uint8Array(await (await at('contrib/source/Sources.gz')).arrayBuffer());
  expect(Bun.gunzipSync(gzip).byteLength).toBe(0);
  const zstd = new Uint8Array(await (await at('contrib/source/Sources.zst')).arrayBuffer());
  expect(Bun.zstdDecompressSync(zstd).byteLength).toBe(0);
});
