import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { Hono } from 'hono';
import type { HttpEnv } from '../formats/format.ts';
import { formats } from '../formats/index.ts';
import type { Principal } from '../model/principal.ts';
import { type AnonymousMode, Permissions } from '../registry/permissions.ts';
import { createTestRegistry, type TestRegistry } from '../registry/testing.ts';
import { createWeb } from './index.ts';

const ANONYMOUS: Principal = { kind: 'anonymous', name: 'anonymous', scopes: [] };
const ADMIN: Principal = { kind: 'user', name: 'root', scopes: [{ repository: '*', actions: ['admin'] }] };
const actor = { name: 'tester' };

let yard: TestRegistry;
beforeEach(async () => {
  yard = await createTestRegistry();
});
afterEach(() => yard.dispose());

interface Visit {
  readonly principal?: Principal;
  readonly anonymous?: AnonymousMode;
  readonly method?: string;
}

async function visit(path: string, { principal = ANONYMOUS, anonymous = 'read', method = 'GET' }: Visit = {}) {
  const app = new Hono<HttpEnv>();
  app.use(async (c, next) => {
    c.set('principal', principal);
    await next();
  });
  app.route(
    '/',
    createWeb({
      registry: yard.registry,
      permissions: new Permissions(anonymous),
      formats,
      publicUrl: () => 'https://yard.example/base',
    }),
  );
  const bindings = { requestId: 'request-1', address: '192.0.2.1' };
  const response = await app.request(path, { method }, bindings);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Where a page's links lead to, resolved as a browser does it; without those to a place on the same page. */
function linksOn(path: string, text: string): string[] {
  return [...text.matchAll(/<a [^>]*href="([^"#]*)"/g)].map(([, href = '']) => {
    const { pathname, search } = new URL(href.replaceAll('&amp;', '&'), `http://host${path}`);
    return pathname + search;
  });
}

describe('the home page', () => {
  test('shows first steps when there is nothing yet', async () => {
    const { status, text } = await visit('/', { principal: ADMIN });
    expect(status).toBe(200);
    expect(text).toStartWith('<!doctype html><html lang="en">');
    expect(text).toContain('First steps');
    expect(text).toContain('https://yard.example/base/repo/pypi/tools/');
  });

  test('lists the repositories that the visitor may read', async () => {
    await yard.registry.createRepository({ format: 'pypi', name: 'open' }, {}, actor);
    await yard.registry.createRepository({ format: 'pypi', name: 'hidden' }, { visibility: 'private' }, actor);
    const anonymous = await visit('/');
    expect(linksOn('/', anonymous.text)).toContain('/browse/pypi/open');
    expect(anonymous.text).not.toContain('hidden');
    expect(anonymous.text).toContain('Sign in');
    const signedIn = await visit('/', { principal: ADMIN });
    expect(linksOn('/', signedIn.text)).toContain('/browse/pypi/hidden');
    expect(signedIn.text).toContain('Signed in as root');
  });
});

describe('the search page', () => {
  test('is asked from the home page, and shows packages of every repository with a link to both', async () => {
    await yard.put('tool/1/f.bin', 'x', 'one');
    await yard.put('my-tool/1/f.bin', 'x', 'two');
    await yard.put('other/1/f.bin', 'x', 'two');
    expect((await visit('/')).text).toContain('<form class="search" method="get" action="./search">');
    const { text } = await visit('/search?q=tool');
    expect(linksOn('/search', text).filter((link) => link.startsWith('/browse/'))).toEqual([
      '/browse/generic/one/tool',
      '/browse/generic/one',
      '/browse/generic/two/my-tool',
      '/browse/generic/two',
    ]);
    expect(text).toContain('value="tool"');
  });

  test('shows nothing of repositories that the visitor may not read', async () => {
    await yard.registry.createRepository({ format: 'generic', name: 'hidden' }, { visibility: 'private' }, actor);
    await yard.put('tool/1/f.bin', 'x', 'hidden');
    expect((await visit('/search?q=tool')).text).toContain('No package that you may see has “tool” in its name');
    expect((await visit('/search?q=tool', { principal: ADMIN })).text).toContain('/browse/generic/hidden/tool');
  });

  test('says when there are more than it shows', async () => {
    for (let index = 0; index < 101; index++) await yard.put(`p${index}/1/f.bin`, 'x');
    expect((await visit('/search?q=p')).text).toContain('There are more than these 100');
    expect((await visit('/browse/generic/files?q=p')).text).toContain('There are more than these 100');
    expect((await visit('/search?q=p10')).text).not.toContain('There are more');
  });

  test('is a form alone when nothing was searched for', async () => {
    for (const path of ['/search', '/search?q=', '/search?q=%00%20']) {
      const { status, text } = await visit(path);
      expect(status).toBe(200);
      expect(text).not.toContain('No package');
    }
  });
});

describe('the tree of indices', () => {
  test('links every format in the order that older scripts know: apt, pypi, tar', async () => {
    for (const path of ['/repo', '/repo/']) {
      const { text } = await visit(path);
      const links = linksOn(path, text).filter((link) => /^\/repo\/./.test(link));
      expect(links).toEqual(['/repo/apt', '/repo/pypi', '/repo/generic', '/repo/tar', '/repo/oci']);
    }
  });

  test("lists a format's repositories and keeps to the name that was asked for", async () => {
    await yard.put('tool/1.0/tool.bin', 'x', 'builds');
    expect(linksOn('/repo/tar', (await visit('/repo/tar')).text)).toContain('/repo/tar/builds/');
    expect(linksOn('/repo/generic/', (await visit('/repo/generic/')).text)).toContain('/repo/generic/builds/');
    expect((await visit('/repo/pypi')).text).toContain('There is no pypi repository');
    expect((await visit('/repo/floppy')).status).toBe(404);
  });
});

describe('the page of a repository', () => {
  test('opens the set-up when nothing is published yet', async () => {
    await yard.registry.createRepository({ format: 'pypi', name: 'tools' }, {}, actor);
    const { text } = await visit('/browse/pypi/tools');
    expect(text).toContain('Nothing is published here yet');
    expect(text).toContain('<details open="">');
    expect(text).toContain('https://yard.example/base/repo/pypi/tools/');
  });

  test('walks through many packages page by page and never shows one twice', async () => {
    for (let index = 0; index < 205; index++) await yard.put(`p${String(index).padStart(3, '0')}/1/f.bin`, 'x');
    const seen: string[][] = [];
    let path: string | undefined = '/browse/generic/files';
    for (let page = 0; page < 4 && path !== undefined; page++) {
      const links = linksOn(path, (await visit(path)).text);
      seen.push(links.filter((link) => link.startsWith('/browse/generic/files/p')));
      path = links.find((link) => link.includes('after='));
    }
    expect(seen.map((page) => page.length)).toEqual([100, 100, 5]);
    expect(new Set(seen.flat()).size).toBe(205);
  });

  test('finds its packages by a part of their names', async () => {
    for (const name of ['apple', 'applet', 'pineapple', 'banana']) await yard.put(`${name}/1/f.bin`, 'x');
    await yard.put('apple/1/f.bin', 'x', 'others');
    const path = '/browse/generic/files?q=APPLE';
    const links = linksOn(path, (await visit(path)).text).filter((link) => link.startsWith('/browse/generic/files/'));
    expect(links).toEqual(['apple', 'applet', 'pineapple'].map((name) => `/browse/generic/files/${name}`));
    expect((await visit('/browse/generic/files?q=zzz')).text).toContain('No package here has “zzz” in its name');
  });

  test('is hidden from who may not read it, and asks the browser for credentials', async () => {
    await yard.registry.createRepository({ format: 'pypi', name: 'hidden' }, { visibility: 'private' }, actor);
    const anonymous = await visit('/browse/pypi/hidden');
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toStartWith('Basic ');
    const stranger: Principal = { kind: 'user', name: 'x', scopes: [] };
    expect((await visit('/browse/pypi/hidden', { principal: stranger })).status).toBe(403);
    expect((await visit('/browse/pypi/missing', { anonymous: 'none' })).status).toBe(401);
    expect((await visit('/browse/pypi/missing')).status).toBe(404);
  });
});

describe('the page of a package', () => {
  test('shows versions newest first, with sizes, digests and downloads', async () => {
    for (const version of ['1.9', '1.10']) await yard.put(`tool/${version}/tool x.bin`, `v${version}`);
    const path = '/browse/generic/files/tool';
    const { text } = await visit(path);
    expect(text.indexOf('<h3>1.10</h3>')).toBeLessThan(text.indexOf('<h3>1.9</h3>'));
    expect(linksOn(path, text)).toContain('/repo/generic/files/tool/1.9/tool%20x.bin');
    expect(text).toContain(new Bun.CryptoHasher('sha256').update('v1.9').digest('hex'));
    expect(text).toContain('4 bytes');
  });

  test('shows a yank with its reason, a status with its reason, and aliases', async () => {
    await yard.put('tool/1.0/tool.bin', 'x');
    const ref = { format: 'generic', name: 'files' };
    const repository = await yard.registry.repository(ref);
    if (!repository) throw new Error('the repository is missing');
    await yard.registry.yank(repository, { package: 'tool', version: '1.0' }, 'it <b>breaks</b>', actor);
    await yard.registry.setPackageStatus(repository, 'tool', 'deprecated', 'use other', actor);
    await yard.registry.setAlias(repository, { package: 'tool', name: 'stable', target: '1.0' }, actor);
    const { text } = await visit('/browse/generic/files/tool');
    expect(text).toContain('Yanked: it &lt;b&gt;breaks&lt;/b&gt;');
    expect(text).toContain('This package is deprecated: use other');
    expect(text).toContain('<span>stable</span>');
  });

  test('pages through a long history', async () => {
    for (let index = 0; index < 60; index++) await yard.put(`tool/${index}.0/f.bin`, 'x');
    const path = '/browse/generic/files/tool';
    const { text } = await visit(path);
    expect(text).toContain('60 versions');
    expect(text.match(/<h3>/g)).toHaveLength(50);
    const next = linksOn(path, text).find((link) => link.includes('from='));
    expect(next).toBe(`${path}?from=9.0`);
    expect((await visit(next ?? '')).text.match(/<h3>/g)).toHaveLength(10);
  });

  test('escapes whatever an uploader wrote', async () => {
    const hostile = '"><script>alert(1)</script>';
    await yard.put(`tool/1.0/x`, 'x');
    const staged = await yard.registry.stage([Buffer.from('y')]);
    await yard.registry.publish({
      repositoryId: 0,
      repository: { format: 'generic', name: 'files' },
      actor: { name: hostile },
      package: 'evil',
      displayName: hostile,
      version: hostile,
      file: { name: hostile, path: `evil/${hostile}`, staged, metadata: {} },
    });
    for (const path of ['/browse/generic/files', '/browse/generic/files/evil']) {
      const { text } = await visit(path);
      expect(text).toContain('&lt;script&gt;');
      expect(text).not.toContain('<script>alert');
    }
    for (const path of ['/browse/generic/files', '/search']) {
      const search = await visit(`${path}?q=${encodeURIComponent(hostile)}`);
      expect(search.status).toBe(200);
      expect(search.text).not.toContain('<script>alert');
    }
  });

  test('that does not exist is a page of its own', async () => {
    await yard.put('tool/1.0/x', 'x');
    const { status, text, headers } = await visit('/browse/generic/files/nothing');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('text/html');
    expect(text).toContain('There is no package nothing in generic/files.');
    expect(text).toContain('Request request-1');
    expect((await visit('/browse/generic/files/a%00b')).status).toBeOneOf([400, 404]);
    expect((await visit('/browse/generic/a%2Fb')).status).toBe(400);
    expect((await visit('/browse/a/b/c/d')).status).toBe(404);
  });
});

describe('every page', () => {
  test('allows nothing but our own files, and has nothing inline', async () => {
    await yard.put('tool/1.0/x', 'x');
    for (const path of [
      '/',
      '/repo',
      '/repo/pypi',
      '/browse/generic/files',
      '/browse/generic/files/tool',
      '/search?q=tool',
      '/sign-in',
    ]) {
      const { headers, text } = await visit(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)/);
    }
  });

  test('has a stylesheet, a script and an icon that are there and may be kept for ever', async () => {
    const { text } = await visit('/browse/generic/files/nothing');
    const addresses = [...text.matchAll(/(?:href|src)="([^"]*\/assets\/[^"]+)"/g)].map(
      ([, address = '']) => new URL(address, 'http://host/browse/generic/files/nothing').pathname,
    );
    expect(new Set(addresses).size).toBe(3);
    for (const address of addresses) {
      const { status, headers } = await visit(address);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toContain('immutable');
    }
    expect((await visit('/assets/style.css')).status).toBe(404);
  });

  test('tells HEAD the length that GET has', async () => {
    const get = await visit('/');
    const head = await visit('/', { method: 'HEAD' });
    expect(head.text).toBe('');
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(get.text)));
  });
});

describe('signing in', () => {
  test('asks for credentials and then goes home', async () => {
    const asked = await visit('/sign-in');
    expect(asked.status).toBe(401);
    expect(asked.headers.get('www-authenticate')).toStartWith('Basic ');
    const done = await visit('/sign-in', { principal: ADMIN });
    expect([done.status, done.headers.get('location')]).toEqual([303, './']);
  });
});
