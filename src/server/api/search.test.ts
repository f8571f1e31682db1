import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestApi, type TestApi } from './testing.ts';

let api: TestApi;
beforeEach(async () => {
  api = await createTestApi();
});
afterEach(() => api.dispose());

const actor = { name: 'tester' };

async function find(query: string, token?: string | null): Promise<string[]> {
  const { status, json } = await api.call('GET', `/search?${query}`, { token });
  expect(status).toBe(200);
  return Array.from(
    json.items as unknown as { repository: string; name: string }[],
    (item) => `${item.repository} ${item.name}`,
  );
}

describe('GET /search', () => {
  test('finds packages of all formats, with where they are', async () => {
    await api.release('Big_Tool', '1.0');
    await api.put('tool-box/1/f', 'x', 'builds');
    expect((await api.call('GET', '/search?q=big.tool')).json).toEqual({
      items: [
        { repository: 'pypi/tools', name: 'big-tool', displayName: 'Big_Tool', status: 'active', statusReason: '' },
      ],
      more: false,
    } as never);
    expect(await find('q=tool')).toEqual(['generic/builds tool-box', 'pypi/tools big-tool']);
    expect(await find('q=tool&format=pypi')).toEqual(['pypi/tools big-tool']);
    expect(await find('q=tool&format=tar')).toEqual(['generic/builds tool-box']);
    const limited = await api.call('GET', '/search?q=tool&limit=1');
    expect(limited.json).toMatchObject({ items: [{ name: 'tool-box' }], more: true } as never);
  });

  test('shows nothing of repositories that the caller may not read', async () => {
    await api.registry.createRepository({ format: 'generic', name: 'secret' }, { visibility: 'private' }, actor);
    await api.put('tool/1/f', 'x', 'secret');
    await api.put('tool/1/f', 'x', 'open');
    const reader = await api.token([{ repository: 'generic/secret', actions: ['read'] }]);
    expect(await find('q=tool', null)).toEqual(['generic/open tool']);
    expect(await find('q=tool', reader)).toEqual(['generic/secret tool', 'generic/open tool']);
  });

  test('shows nothing of a repository that is empty or removed', async () => {
    const { repository, file } = await api.put('tool/1/f', 'x', 'emptied');
    await api.put('tool/1/f', 'x', 'removed');
    await api.registry.remove(repository, [file], actor);
    await api.registry.removeRepository({ format: 'generic', name: 'removed' }, actor);
    expect(await find('q=tool')).toEqual([]);
  });

  test('refuses what is no search', async () => {
    for (const query of [
      '',
      '?q=',
      '?q=%20',
      '?q=a%00b',
      `?q=${'a'.repeat(256)}`,
      '?q=a&limit=0',
      '?q=a&format=floppy',
    ])
      expect((await api.call('GET', `/search${query}`)).status).toBe(400);
  });
});
