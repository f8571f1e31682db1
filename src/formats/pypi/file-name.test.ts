import { describe, expect, test } from 'bun:test';
import { parseFileName } from './file-name.ts';
import { filePath } from './receive.ts';

describe('a file name', () => {
  test('of a wheel gives name, version and Python tag', () => {
    const found = parseFileName('Demo_pkg-1.0-2b-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl');
    expect(found).toMatchObject({ fileType: 'bdist_wheel', name: 'Demo_pkg', version: '1.0', pythonTag: 'cp311' });
  });

  test('of an old sdist is split where the project says', () => {
    expect(parseFileName('a-1-2.tar.gz')).toMatchObject({ name: 'a', version: '1.post2' });
    expect(parseFileName('a-1-2.tar.gz', 'a-1')).toMatchObject({ name: 'a-1', version: '2' });
    expect(parseFileName('my-pkg-1.0-rc1.tar.gz')).toMatchObject({ name: 'my-pkg', version: '1.0rc1' });
  });

  test('that belongs to another project is none of this one', () => {
    expect(parseFileName('demo-1.0.tar.gz', 'other')).toBeUndefined();
    expect(parseFileName('demo-1.0-py3-none-any.whl', 'other')).toBeUndefined();
    expect(parseFileName('demo-1.0-py3.5.egg', 'other')).toBeUndefined();
  });

  for (const fileName of [
    'demo.whl',
    'demo-1.0.whl',
    'demo-1.0-py3-none.whl',
    'demo-1.0-b1-py3-none-any.whl',
    'demo-one-py3-none-any.whl',
    'demo-1.0-py3-none-a ny.whl',
    'demo-1.0-py3-none-any.WHL',
    'demo.tar.gz',
    'demo-x.tar.gz',
    '-1.0.tar.gz',
    'demo- 1.0.tar.gz',
    'demo-1.0.egg',
    'demo-1.0-3.5.egg',
  ]) {
    test(`${JSON.stringify(fileName)} is none`, () => {
      expect(parseFileName(fileName)).toBeUndefined();
    });
  }
});

describe('the path of a file', () => {
  for (const [one, other] of [
    ['Foo_Bar-1.0.tar.gz', 'foo-bar-1.0.tar.gz'],
    ['foo.bar-1.0.RC1.tar.gz', 'foo_bar-1.0rc1.tar.gz'],
    ['Foo.Bar-01.0-py3-none-any.whl', 'foo_bar-1.0-py3-none-any.whl'],
    ['foo_bar-1.0+ubuntu_1-py3-none-any.whl', 'foo_bar-1.0+ubuntu.1-py3-none-any.whl'],
    ['foo_bar-1.0-py3.py2-none-any.whl', 'foo_bar-1.0-py2.py3-none-any.whl'],
    ['Foo_Bar-1.0-py3.5.egg', 'foo_bar-1.0-py3.5.egg'],
  ] as const) {
    test(`is the same for ${one} and ${other}`, () => {
      const path = filePath('foo-bar', one);
      expect(path).toStartWith('foo-bar/foo_bar-1.0');
      expect(filePath('foo-bar', other)).toBe(path);
    });
  }

  test('differs for files that differ', () => {
    const names = [
      'a-1.0.tar.gz',
      'a-1.0.zip',
      'a-1.0-py3-none-any.whl',
      'a-1.0-1-py3-none-any.whl',
      'a-1.0-py3.5.egg',
    ];
    expect(new Set(names.map((name) => filePath('a', name))).size).toBe(names.length);
  });
});
