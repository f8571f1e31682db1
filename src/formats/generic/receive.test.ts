import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { PublishOutcome } from '../../registry/model.ts';
import { createTestRegistry, type TestRegistry } from '../../registry/testing.ts';
import type { Upload } from '../format.ts';
import { receive } from './receive.ts';

let t: TestRegistry;
beforeEach(async () => {
  t = await createTestRegistry();
});
afterEach(() => t.dispose());

async function upload(fileName: string, more: Partial<Upload> = {}): Promise<PublishOutcome> {
  const staged = await t.registry.stage([Buffer.from('bytes')]);
  try {
    const request: Upload = {
      provider: 'generic',
      repository: { format: 'generic', name: 'files' },
      repositoryId: 0,
      principal: { kind: 'user', name: 'somebody', scopes: [] },
      actor: { name: 'somebody' },
      staged,
      fileName,
      fields: new Map(),
      ...more,
    };
    return await receive(request, t);
  } finally {
    await staged.discard();
  }
}

test('a file keeps its name, which tells package and version', async () => {
  expect((await upload('tool-1.0.zip')).file.path).toBe('tool/1.0/tool-1.0.zip');
});

test('below tar a file is called after package and version', async () => {
  const { file } = await upload('whatever.tgz', { provider: 'tar', name: 'tool', version: '1.0' });
  expect(file.path).toBe('tool/1.0/tool-1.0.tar.gz');
});

test.each(['x'.repeat(256), 'a\nb-1.0.zip', '..', 'a/b-1.0.zip'])(
  'the file name %p is refused before anything is read from it, whatever the file will be called',
  async (fileName) => {
    await expect(upload(fileName)).rejects.toThrow('not a valid file name');
    await expect(upload(fileName, { provider: 'tar', name: 'tool', version: '1.0' })).rejects.toThrow(
      'not a valid file name',
    );
  },
);
