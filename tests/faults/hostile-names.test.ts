import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { addPackage, bearer, putFile } from '../support/api.ts';
import { multipart, requestHead, sendRaw } from '../support/raw-http.ts';
import { filesBelow } from '../support/staging.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { makeWheel } from '../support/wheel.ts';

const CANARY = 'the canary is alive';
const surroundings = new TempFolder('hostile');
let server: TestServer;
let outside: string[];

beforeAll(async () => {
  mkdirSync(surroundings.join('data'));
  for (const name of ['canary.txt', 'f', 'demo']) writeFileSync(surroundings.join(name), CANARY);
  server = await TestServer.start({ dataDir: surroundings.join('data') });
  await putFile(server, 'r/p/1/f', 'harmless');
  outside = filesOutside();
});

afterAll(async () => {
  await server.stop();
  surroundings.dispose();
});

function filesOutside(): string[] {
  return filesBelow(surroundings.path).filter((path) => !path.startsWith('data/'));
}

/** Whatever was asked for: everything in the data folder has a name that the server chose. */
function nothingEscaped(): void {
  expect(filesOutside()).toEqual(outside);
  for (const path of filesBelow(surroundings.join('data'))) {
    expect(path).toMatch(
      /^(packyard\.sqlite(-wal|-shm)?|[a-z-]+\.(lock|pid)|blobs\/(staging\/[0-9a-f-]+|blobs-v1\/sha256\/[0-9a-f]{2}\/[0-9a-f]{64}-[a-z0-9]{12}))$/,
    );
  }
}

const SEGMENTS: readonly string[] = [
  '..',
  '.',
  '%2e%2e',
  '%2E.',
  '..%2f..%2fcanary.txt',
  '%2e%2e%2f%2e%2e%2fcanary.txt',
  '%2fetc%2fpasswd',
  'a%2fb',
  'a%2Fb',
  'a%5cb',
  '..%5c..%5ccanary.txt',
  '%00',
  'a%00.txt',
  'a%0ab',
  'a%0d%0aSet-Cookie:%20x=1',
  '%7f',
  'x'.repeat(300),
];

/** Read requests may also end at a harmless page; these cannot be decoded at all. */
const UNREADABLE: readonly string[] = ['%', '%zz', '%c0%ae%c0%ae', '%ff', '%e2%80%a8'];

const SHAPES: readonly string[] = [
  '/repo/generic/{}/p/1/f',
  '/repo/generic/r/{}/1/f',
  '/repo/generic/r/p/{}/f',
  '/repo/generic/r/p/1/{}',
  '/repo/tar/r/p/{}',
];

const READ_SHAPES: readonly string[] = [
  ...SHAPES,
  '/repo/{}/r/p/1/f',
  '/repo/generic/r/p/1/{}.sha256',
  '/repo/generic/r/p/{}/SHA256SUMS',
  '/repo/pypi/{}/',
  '/repo/pypi/{}/demo/',
  '/repo/pypi/r/{}/',
  '/repo/pypi/r/+simple/{}/',
  '/repo/pypi/r/demo/{}',
  '/repo/pypi/r/demo/{}.metadata',
  '/repo/pypi/r/pypi/{}/json',
  '/api/v1/repositories/generic/{}',
  '/api/v1/repositories/{}/r',
  '/api/v1/repositories/generic/r/packages/{}',
  '/{}',
];

describe('a hostile name in an address', () => {
  test.each(SHAPES)('is refused for PUT at %s', async (shape) => {
    for (const segment of SEGMENTS) {
      const headers = { ...bearer(server.adminToken), 'content-length': '3' };
      const answer = await sendRaw(server.url, [requestHead('PUT', shape.replace('{}', segment), headers), 'abc']);
      expect({ segment, refused: answer.status >= 400 && answer.status < 500, status: answer.status }).toMatchObject({
        segment,
        refused: true,
      });
      expect(answer.head).not.toMatch(/^set-cookie/im);
    }
    nothingEscaped();
  });

  test.each(READ_SHAPES)('brings nothing from elsewhere and no 500 for GET and DELETE at %s', async (shape) => {
    for (const segment of [...SEGMENTS, ...UNREADABLE]) {
      for (const method of ['GET', 'DELETE']) {
        const head = requestHead(method, shape.replace('{}', segment), bearer(server.adminToken));
        const answer = await sendRaw(server.url, [head]);
        expect({
          method,
          segment,
          status: answer.status,
          bad: answer.status < 200 || answer.status >= 500,
        }).toMatchObject({
          segment,
          bad: false,
        });
        expect(answer.body).not.toContain(CANARY);
        expect(answer.body).not.toContain('SQLite format 3');
        expect(answer.head).not.toMatch(/^set-cookie/im);
      }
      // DELETE of an address that a client tidied up may have hit the harmless file itself.
      await putFile(server, 'r/p/1/f', 'harmless');
    }
    nothingEscaped();
  });
});

const TEXTS: readonly string[] = [
  '..',
  '.',
  '',
  '../../x',
  'a/b',
  'a\\b',
  'a\0b',
  '\n',
  '/etc/passwd',
  'x'.repeat(300),
];

describe('a hostile value in an upload is refused', () => {
  const right = { reponame: 'r', name: 'p', version: '1' };
  for (const provider of ['generic', 'tar', 'pypi']) {
    test.each(['reponame', 'name', 'version'] as const)(`${provider}: %s`, async (parameter) => {
      for (const text of TEXTS) {
        const parameters = { provider, ...right, [parameter]: text };
        const response = await addPackage(server, parameters, 'f.tar.gz', new Uint8Array([1]));
        expect({ text, refused: response.status >= 400 && response.status < 500 }).toEqual({ text, refused: true });
        await response.arrayBuffer();
      }
      nothingEscaped();
    });
  }

  test('a provider that does not exist', async () => {
    for (const provider of ['', 'no-such', '../generic', '__proto__', 'constructor']) {
      const response = await addPackage(server, { provider, ...right }, 'f', new Uint8Array([1]));
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      expect(await response.json()).toMatchObject({ ok: false, error: { message: expect.any(String) } });
    }
  });
});

test('a hostile file name in a form never leads out of the store', async () => {
  const names = ['..', '../../canary.txt', '/etc/passwd', '..\\..\\x', 'a\0b', '', '.', `${'x'.repeat(400)}.whl`];
  const wheel = makeWheel({ name: 'demo', version: '1.0' });
  for (const [path, field] of [
    ['/addpkg?provider=generic&reponame=r&name=p&version=1', 'f'],
    ['/addpkg?provider=pypi&reponame=r&name=demo&version=1.0', 'f'],
    ['/repo/pypi/r/', 'content'],
  ] as const) {
    for (const name of names) {
      const body = multipart(
        'xyz',
        { ':action': 'file_upload', name: 'demo', version: '1.0' },
        { field, name, bytes: wheel.bytes },
      );
      const headers = {
        ...bearer(server.adminToken),
        'content-type': 'multipart/form-data; boundary=xyz',
        'content-length': String(body.length),
      };
      const answer = await sendRaw(server.url, [requestHead('POST', path, headers), body]);
      expect({ path, name, bad: answer.status < 200 || answer.status >= 500 }).toEqual({ path, name, bad: false });
    }
  }
  nothingEscaped();
});
