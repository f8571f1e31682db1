import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestRegistry, type TestRegistry } from '../../registry/testing.ts';
import type { Upload } from '../format.ts';
import { type Sample, sdist, wheel } from './fixtures/distributions.ts';
import { receive } from './receive.ts';

const TOOLS = { format: 'pypi', name: 'tools' };

let tested: TestRegistry;
beforeEach(async () => {
  tested = await createTestRegistry();
});
afterEach(() => tested.dispose());

async function upload(
  sample: Sample,
  claims: Pick<Upload, 'name' | 'version'> = {},
  fields: Record<string, string[]> = {},
) {
  const staged = await tested.registry.stage(chunks(sample.bytes));
  try {
    const request: Upload = {
      provider: 'pypi',
      repositoryId: 0,
      repository: TOOLS,
      principal: { kind: 'user', name: 'somebody', scopes: [] },
      actor: { name: 'somebody' },
      staged,
      fileName: sample.fileName,
      fields: new Map(Object.entries(fields)),
      ...claims,
    };
    return await receive(request, tested);
  } finally {
    await staged.discard();
  }
}

async function* chunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function projects(): Promise<readonly string[]> {
  const repository = await tested.registry.repository(TOOLS);
  return repository ? tested.registry.packageNames(repository) : [];
}

function hash(algorithm: 'md5' | 'sha256' | 'blake2b256', bytes: Uint8Array): string {
  return new Bun.CryptoHasher(algorithm).update(bytes).digest('hex');
}

describe('an upload', () => {
  test('publishes a file under its project, with METADATA beside it', async () => {
    const { file, result } = await upload(wheel({ name: 'My-Demo', headers: ['Requires-Python: >=3.9'] }));
    expect(result).toBe('created');
    expect(file).toMatchObject({
      package: 'my-demo',
      version: '1.0',
      name: 'My_Demo-1.0-py3-none-any.whl',
      path: 'my-demo/my_demo-1.0-py3-none-any.whl',
    });
    const sidecar = await tested.registry.sidecar(file, 'METADATA');
    expect(sidecar && hash('sha256', sidecar)).toBe(String(file.metadata.coreMetadataSha256));
  });

  test('of the same bytes again changes nothing, in any spelling of the name', async () => {
    const sample = await sdist({ name: 'Foo_Bar' });
    await upload(sample);
    expect((await upload(sample)).result).toBe('unchanged');
    expect((await upload({ ...sample, fileName: 'foo.bar-1.0.tar.gz' })).result).toBe('unchanged');
  });

  test('of other bytes is a conflict, in any spelling of the name', async () => {
    await upload(await sdist({ name: 'Foo_Bar' }));
    const other = await sdist({ name: 'foo-bar' });
    await expect(upload(other)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('replaces the file where the repository lets it', async () => {
    await tested.registry.createRepository(TOOLS, { writePolicy: 'overwrite' }, { name: 'somebody' });
    await upload(wheel());
    expect((await upload(wheel({ description: 'other bytes' }))).result).toBe('replaced');
  });

  test('may say name and version in other spellings than the file', async () => {
    const outcome = await upload(wheel({ name: 'my-demo' }), { name: 'My.Demo', version: 'v1.0.0' });
    expect(outcome.result).toBe('created');
  });

  test('must not say another name, version or file type than the file', async () => {
    const invalid = { code: 'invalid_request' };
    await expect(upload(wheel(), { name: 'other' })).rejects.toMatchObject(invalid);
    await expect(upload(wheel(), { version: '1.0.1' })).rejects.toMatchObject(invalid);
    await expect(upload(wheel(), { version: 'nonsense' })).rejects.toMatchObject(invalid);
    await expect(upload(wheel(), {}, { filetype: ['sdist'] })).rejects.toMatchObject(invalid);
    expect(await projects()).toEqual([]);
  });

  test('may announce its digests', async () => {
    const sample = wheel();
    const fields = {
      md5_digest: [hash('md5', sample.bytes)],
      sha256_digest: [hash('sha256', sample.bytes).toUpperCase()],
      blake2_256_digest: [hash('blake2b256', sample.bytes)],
    };
    expect((await upload(sample, {}, fields)).result).toBe('created');
  });

  for (const [field, length] of [
    ['md5_digest', 32],
    ['sha256_digest', 64],
    ['blake2_256_digest', 64],
  ] as const) {
    test(`must have the ${field} that it announces`, async () => {
      const wrong = upload(wheel(), {}, { [field]: ['0'.repeat(length)] });
      await expect(wrong).rejects.toMatchObject({ code: 'digest_mismatch' });
      await expect(upload(wheel(), {}, { [field]: ['xyz'] })).rejects.toMatchObject({ code: 'invalid_request' });
      const twice = ['0'.repeat(length), '0'.repeat(length)];
      await expect(upload(wheel(), {}, { [field]: twice })).rejects.toMatchObject({ code: 'invalid_request' });
      expect(await projects()).toEqual([]);
    });
  }

  for (const status of ['archived', 'quarantined'] as const) {
    test(`is refused by a project that is ${status}, with the reason`, async () => {
      const { repository } = await upload(wheel());
      await tested.registry.setPackageStatus(repository, 'demo', status, 'moved away', { name: 'admin' });
      await expect(upload(wheel({ version: '2.0' }))).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('moved away'),
      });
    });
  }

  test('is welcome to a project that is deprecated', async () => {
    const { repository } = await upload(wheel());
    await tested.registry.setPackageStatus(repository, 'demo', 'deprecated', '', { name: 'admin' });
    expect((await upload(wheel({ version: '2.0' }))).result).toBe('created');
  });
});
