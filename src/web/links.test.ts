import { describe, expect, test } from 'bun:test';
import { Links } from './links.ts';

const ref = { format: 'pypi', name: 'tools' };
const BASE = 'https://host/prefix';

/** Where a link on a page leads to, as browsers see it behind a proxy that adds `/prefix`. */
function follow(page: string, link: (links: Links) => string): string {
  const links = Links.from(new Request(`https://inside${page}`));
  return new URL(link(links), BASE + page).href;
}

describe('links on pages', () => {
  const pages = [
    '/',
    '/repo',
    '/repo/',
    '/repo/pypi',
    '/repo/pypi/',
    '/browse/pypi/tools?q=a/b',
    '/browse/oci/x/a%2Fb',
  ];
  for (const page of pages) {
    test(`lead to the same places from ${page}, behind a proxy with a prefix too`, () => {
      expect(follow(page, (links) => links.home)).toBe(`${BASE}/`);
      expect(follow(page, (links) => links.asset('x.css'))).toBe(`${BASE}/assets/x.css`);
      expect(follow(page, (links) => links.repository(ref))).toBe(`${BASE}/browse/pypi/tools`);
      expect(follow(page, (links) => links.file(ref, 'a/1/f.whl'))).toBe(`${BASE}/repo/pypi/tools/a/1/f.whl`);
    });
  }

  test('stay on this server whatever a name contains', () => {
    for (const name of ['javascript:alert(1)', '//evil.example', '\\\\evil.example', '"><script>', '#?&%', '\ud800']) {
      const target = follow('/browse/pypi/tools', (links) => links.package(ref, name));
      expect(target).toStartWith(`${BASE}/browse/pypi/tools/`);
      expect(target).not.toMatch(/["<>]|\/\/evil/);
    }
  });

  test('carry queries that are given and leave out the others', () => {
    const links = new Links('./');
    expect(links.repository(ref, { q: 'a&b', after: undefined })).toBe('./browse/pypi/tools?q=a%26b');
    expect(links.repository(ref, { q: '' })).toBe('./browse/pypi/tools');
  });
});
