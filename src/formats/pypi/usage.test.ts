import { describe, expect, test } from 'bun:test';
import { recognises } from './recognises.ts';
import { usage } from './usage.ts';

function texts(server: string): readonly string[] {
  const url = `${server}/repo/pypi/tools`;
  return usage({ repository: { format: 'pypi', name: 'tools' }, url, server }).map(({ text }) => text);
}

describe('the set-up', () => {
  test('names one index and no second one', () => {
    const all = texts('https://host').join('\n');
    expect(all).toContain('--index-url https://host/repo/pypi/tools/');
    expect(all).toContain('--repository-url https://host/repo/pypi/tools/legacy/');
    expect(all).not.toContain('extra-index');
  });

  test('tells pip to trust a host that has no TLS, unless it is this machine', () => {
    expect(texts('http://host:8080').join('\n')).toContain('--trusted-host host:8080');
    expect(texts('http://127.0.0.1:8080').join('\n')).not.toContain('trusted-host');
    expect(texts('http://[::1]:8080').join('\n')).not.toContain('trusted-host');
    expect(texts('https://host').join('\n')).not.toContain('trusted-host');
  });
});

describe('a file is recognised', () => {
  const zip = new Uint8Array([0x50, 0x4b, 3, 4, 0]);
  const gzip = new Uint8Array([0x1f, 0x8b, 8, 0]);

  test('by its name and its first bytes together', () => {
    expect(recognises('demo-1.0-py3-none-any.whl', zip)).toBe(true);
    expect(recognises('demo-1.0.tar.gz', gzip)).toBe(true);
    expect(recognises('demo-1.0.zip', zip)).toBe(true);
    expect(recognises('demo-1.0-py3.5.egg', zip)).toBe(true);
  });

  test('only when both fit', () => {
    expect(recognises('demo-1.0-py3-none-any.whl', gzip)).toBe(false);
    expect(recognises('demo-1.0.tar.gz', zip)).toBe(false);
    expect(recognises('backup.tar.gz', gzip)).toBe(false);
    expect(recognises('demo.whl', zip)).toBe(false);
    expect(recognises('demo-1.0-0.tar.bz2', gzip)).toBe(false);
    expect(recognises('demo-1.0.tar.gz', new Uint8Array())).toBe(false);
  });
});
