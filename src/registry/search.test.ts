import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestRegistry, type TestRegistry } from './testing.ts';

let yard: TestRegistry;
beforeEach(async () => {
  yard = await createTestRegistry();
});
afterEach(() => yard.dispose());

async function put(...names: readonly string[]): Promise<void> {
  for (const name of names) await yard.put(`${name}/1.0/f.bin`, name);
}

/** Names found in all repositories, in order. */
async function find(text: string, limit = 100): Promise<string[]> {
  const { hits } = await yard.registry.search({ text, repositories: await yard.registry.repositories(), limit });
  return hits.map((hit) => hit.package.name);
}

describe('a search', () => {
  test('shows first what is called so, then what begins so, then what contains it, each by name', async () => {
    await put('a-tool', 'tool-b', 'tool', 'tool-a', 'the-tool', 'other');
    expect(await find('tool')).toEqual(['tool', 'tool-a', 'tool-b', 'a-tool', 'the-tool']);
  });

  test('sees no difference between upper and lower case, and between dashes, dots and underscores', async () => {
    await put('My_Tool', 'my.tool', 'their-my--tool');
    expect(await find('my-tool')).toEqual(['My_Tool', 'my.tool', 'their-my--tool']);
    expect(await find('MY.TOOL')).toEqual(['My_Tool', 'my.tool', 'their-my--tool']);
  });

  test('shows the name that was typed before those that differ in a dash alone', async () => {
    await put('my-tool', 'my_tool', 'my.tool');
    expect((await find('my.tool'))[0]).toBe('my.tool');
    expect((await find('my_tool'))[0]).toBe('my_tool');
  });

  test('takes every character for itself', async () => {
    await put('100%', '100', 'a%b', 'axb', 'a"b', "a'b", 'a*b', 'aOR b', 'grüße-größe', '箱の中', '📦📦');
    expect(await find('%')).toEqual(['100%', 'a%b']);
    expect(await find('0%')).toEqual(['100%']);
    expect(await find('00%')).toEqual(['100%']);
    expect(await find('a%b')).toEqual(['a%b']);
    expect(await find('a"b')).toEqual(['a"b']);
    expect(await find('"')).toEqual(['a"b']);
    expect(await find("a'b")).toEqual(["a'b"]);
    expect(await find('a*b')).toEqual(['a*b']);
    expect(await find('axb OR 100')).toEqual([]);
    expect(await find('\\')).toEqual([]);
    expect(await find('GRÖSSE')).toEqual([]);
    expect(await find('GRÖßE')).toEqual(['grüße-größe']);
    expect(await find('の中')).toEqual(['箱の中']);
    expect(await find('📦')).toEqual(['📦📦']);
  });

  test('takes an underscore for a dash, never for any character', async () => {
    await put('a_c', 'abc', 'xa-cx');
    expect(await find('a_c')).toEqual(['a_c', 'xa-cx']);
    expect(await find('_c')).toEqual(['a_c', 'xa-cx']);
    expect(await find('_')).toEqual(['a_c', 'xa-cx']);
  });

  test('finds texts of one and two characters anywhere', async () => {
    await put('x', 'ax', 'xa', 'bxa', 'none');
    expect(await find('x')).toEqual(['x', 'xa', 'ax', 'bxa']);
    expect(await find('xa')).toEqual(['xa', 'bxa']);
  });

  test('shows as many as were asked for, and says that there are more', async () => {
    await put('tool-1', 'tool-2', 'a-tool', 'b-tool');
    const repositories = await yard.registry.repositories();
    const search = async (limit: number) => {
      const { hits, more } = await yard.registry.search({ text: 'tool', repositories, limit });
      return [hits.map((hit) => hit.package.name), more];
    };
    expect(await search(1)).toEqual([['tool-1'], true]);
    expect(await search(2)).toEqual([['tool-1', 'tool-2'], true]);
    expect(await search(3)).toEqual([['tool-1', 'tool-2', 'a-tool'], true]);
    expect(await search(4)).toEqual([['tool-1', 'tool-2', 'a-tool', 'b-tool'], false]);
  });

  test('looks in the given repositories alone, and says where it found what', async () => {
    await yard.put('tool/1.0/f', 'x', 'one');
    await yard.put('tool/1.0/f', 'x', 'two');
    await yard.put('tool/1.0/f', 'x', 'three');
    const all = await yard.registry.repositories();
    const repositories = all.filter(({ ref }) => ref.name !== 'three');
    const { hits } = await yard.registry.search({ text: 'tool', repositories, limit: 10 });
    expect(hits.map((hit) => hit.repository.ref.name).sort()).toEqual(['one', 'two']);
    expect((await yard.registry.search({ text: 'tool', repositories: [], limit: 10 })).hits).toEqual([]);
  });

  test('does not find what is deleted, and finds it again when it is published again', async () => {
    await put('tool', 'other');
    const [repository] = await yard.registry.repositories();
    if (!repository) throw new Error('the repository is missing');
    await yard.registry.remove(repository, await yard.registry.files(repository, 'tool'), { name: 'tester' });
    expect(await find('tool')).toEqual([]);
    await put('tool');
    expect(await find('ool')).toEqual(['tool']);
  });
});
