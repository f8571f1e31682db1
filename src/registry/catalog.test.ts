import { expect, test } from 'bun:test';
import { createTestRegistry } from './testing.ts';

test('the catalog goes through all repositories page by page, and shows each image once', async () => {
  const { registry, dispose } = await createTestRegistry();
  try {
    const names = ['a', 'a/b', 'a/c', 'a-b/x', 'b', 'team/app'];
    for (const name of names) {
      const staged = await registry.stage([Buffer.from('layer')]);
      const repository = { format: 'oci', name: name.split('/')[0] ?? '' };
      const target = { repository, repositoryId: 0, package: name, actor: { name: 'tester' } };
      await registry.addBlob(target, staged.sha256.toString(), staged).finally(() => staged.discard());
    }
    const seen: string[] = [];
    for (let after: { repository: string; package: string } | undefined; ; ) {
      const page = await registry.catalog('oci', { after, limit: 2 });
      seen.push(...page.map((entry) => entry.package));
      after = page.at(-1);
      if (page.length < 2) break;
    }
    expect(seen.toSorted()).toEqual(names.toSorted());
  } finally {
    await dispose();
  }
});
