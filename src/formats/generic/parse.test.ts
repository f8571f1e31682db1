import { describe, expect, test } from 'bun:test';
import { guessNameAndVersion, parseAddress, possibleTarPaths } from './parse.ts';

describe('the address of a generic file', () => {
  test('is taken as it is when every part is a plain name', () => {
    const address = { package: 'cpython', version: '3.8.0b1', file: 'cpython-3.8.0b1.tar.gz' };
    expect(parseAddress(address)).toEqual(address);
  });

  test.each(['', '.', '..', 'a/b', 'a\\b', 'a\0b', 'a\nb', ' a', 'x'.repeat(256), '\ud800'])(
    'refuses the segment %p',
    (bad) => {
      expect(() => parseAddress({ package: bad, version: '1', file: 'f' })).toThrow('not a valid package name');
      expect(() => parseAddress({ package: 'p', version: bad, file: 'f' })).toThrow('not a valid version');
      expect(() => parseAddress({ package: 'p', version: '1', file: bad })).toThrow('not a valid file name');
    },
  );

  test('cannot have the version latest, which moves', () => {
    expect(() => parseAddress({ package: 'p', version: 'latest', file: 'f' })).toThrow('latest is not a version');
  });
});

describe('a file name', () => {
  test.each([
    ['cpython-3.8.0b1.tar.gz', 'cpython', '3.8.0b1'],
    ['my-tool-1.2.zip', 'my-tool', '1.2'],
    ['tool_v2.0.tgz', 'tool', '2.0'],
    ['app-1.0-rc1.tar.zst', 'app', '1.0-rc1'],
    ['my tool-1.0.zip', 'my tool', '1.0'],
    ['copy-1 of tool-v2.0.zip', 'copy-1 of tool', '2.0'],
    ['--1.0.zip', '-', '1.0'],
  ])('%s tells name and version', (fileName, name, version) => {
    expect(guessNameAndVersion(fileName)).toEqual({ name, version });
  });

  test.each(['README', 'tool.tar.gz', '-1.0.zip', 'tool-1.0 (copy).zip'])('%s tells nothing', (fileName) => {
    expect(guessNameAndVersion(fileName)).toBeUndefined();
  });

  test('of a megabyte that could be split anywhere is read once', () => {
    expect(guessNameAndVersion(`${'-1'.repeat(500_000)} `)).toBeUndefined();
    expect(guessNameAndVersion(`${'.tar.a'.repeat(200_000)}!`)).toBeUndefined();
  });
});

test('a tarball can be found by its name alone, wherever the border between name and version is', () => {
  expect(possibleTarPaths('my-tool-1.0-rc1.tar.gz')).toEqual([
    'my/tool-1.0-rc1/my-tool-1.0-rc1.tar.gz',
    'my-tool/1.0-rc1/my-tool-1.0-rc1.tar.gz',
    'my-tool-1.0/rc1/my-tool-1.0-rc1.tar.gz',
  ]);
  expect(possibleTarPaths('tool.tar.gz')).toEqual([]);
  expect(possibleTarPaths('tool-1.0.zip')).toEqual([]);
});
