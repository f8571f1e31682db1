import { describe, expect, test } from 'bun:test';
import { parseDigest } from './digest.ts';
import { checkReference, checkRepositoryName, checkTag, isLoopback, nameAt, registryHost } from './names.ts';

const HEX = 'ab'.repeat(32);

describe('names', () => {
  test.each(['a', 'team/app', 'a--b/c__d/e.f', '0'])('%s is a repository', (name) => {
    expect(checkRepositoryName(name)).toBe(name);
  });

  test.each(['', 'A', 'a/', '/a', 'a//b', 'a/../b', '..', 'a?b', 'a_-b', 'é'])('%p is no repository', (name) => {
    expect(() => checkRepositoryName(name)).toThrow('not a repository name');
  });

  test.each(['', '.', '..', '-a', 'a/b', 'a?b', 'a b', 'a'.repeat(129)])('%p is no tag', (tag) => {
    expect(() => checkTag(tag)).toThrow('not a tag');
  });

  test('a reference is a tag or a whole digest', () => {
    expect(checkReference('v1.0_x-y')).toBe('v1.0_x-y');
    expect(checkReference(`sha256:${HEX}`)).toBe(`sha256:${HEX}`);
    expect(() => checkReference('sha256:abc')).toThrow('not a digest');
    for (const digest of [`md5:${HEX}`, `sha256:${HEX.toUpperCase()}`, `sha512:${HEX}`, HEX]) {
      expect(() => parseDigest(digest)).toThrow('not a digest');
    }
    expect(parseDigest(`sha512:${HEX}${HEX}`)).toEqual({ algorithm: 'sha512', hex: HEX + HEX });
  });

  test('Docker Hub has names and a host of its own', () => {
    expect(registryHost('docker.io')).toBe('registry-1.docker.io');
    expect(nameAt('registry-1.docker.io', 'alpine')).toBe('library/alpine');
    expect(nameAt('registry-1.docker.io', 'fred/app')).toBe('fred/app');
    expect(nameAt('notdocker.io', 'alpine')).toBe('alpine');
  });

  test('only this machine is this machine', () => {
    for (const name of ['localhost', 'a.localhost', '127.0.0.1', '127.8.9.1', '[::1]'])
      expect(isLoopback(name)).toBe(true);
    for (const name of ['localhost.example', '128.0.0.1', '127.0.0.1.example', '[::2]', 'xlocalhost']) {
      expect(isLoopback(name)).toBe(false);
    }
  });
});
