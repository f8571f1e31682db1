import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestRegistry, type TestRegistry } from '../../registry/testing.ts';
import { Browser } from './browse.ts';

let t: TestRegistry;
beforeEach(async () => {
  t = await createTestRegistry();
});
afterEach(() => t.dispose());

async function browser(): Promise<Browser> {
  const repository = await t.registry.repository({ format: 'generic', name: 'files' });
  if (!repository) throw new Error('nothing was put into it');
  return new Browser(t.registry, repository);
}

describe('the list of packages', () => {
  test('is kept as far as its first page, and not for every name that somebody thinks of', async () => {
    await t.put('tool/1/f', 'x');
    const listing = await browser();
    expect(await listing.packages('json', false, '')).toBe(await listing.packages('json', false, ''));
    const [one, other] = [await listing.packages('json', false, 'a'), await listing.packages('json', false, 'a')];
    expect(one).not.toBe(other);
    expect(one).toEqual(other);
  });
});

test('a package and a version with colons in their names are not taken for others', async () => {
  await t.put('a:b/c/f', 'one');
  await t.put('a/b:c/f', 'two');
  const listing = await browser();
  const titles = [];
  for (const [name, version] of [
    ['a', 'b:c'],
    ['a:b', 'c'],
  ] as const) {
    const document = await listing.files(name, version, 'json');
    const sums = await listing.checksums(name, version);
    titles.push(JSON.parse(new TextDecoder().decode(document?.body)).title, sums?.etag);
  }
  expect(titles[0]).toBe('generic/files/a/b:c');
  expect(titles[2]).toBe('generic/files/a:b/c');
  expect(titles[1]).not.toBe(titles[3]);
});
