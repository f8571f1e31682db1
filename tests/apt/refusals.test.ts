import { describe, expect, test } from 'bun:test';
import { debBytes } from '../../src/formats/apt/fixtures/deb-writer.ts';
import { bearer } from '../support/api.ts';
import { requestHead, sendRaw } from '../support/raw-http.ts';
import { useServer } from '../support/use-server.ts';
import {
  addPackage,
  changesFile,
  FAST_KEYS,
  listed,
  publishDeb,
  put,
  repositoryUrl,
  sourcePackage,
} from './repository.ts';

const server = useServer(FAST_KEYS);
const fine = debBytes({ control: { Package: 'fine', Version: '1', Architecture: 'amd64' } });
const MEGABYTE = 1 << 20;

const REFUSED: readonly (readonly [sentence: string, bytes: () => Uint8Array<ArrayBuffer>])[] = [
  ['no package at all', () => Buffer.from('this is no package')],
  ['nothing', () => new Uint8Array(0)],
  ['a truncated package', () => fine.slice(0, -100)],
  ['a package that ends in its header', () => fine.slice(0, 70)],
  [
    'members in another order',
    () => debBytes({ members: ([a, b, c]) => [a, c, b].filter((each) => each !== undefined) }),
  ],
  ['no data', () => debBytes({ members: (members) => members.slice(0, 2) })],
  [
    'a control file of 100 MB',
    () => debBytes({ control: `Package: x\nVersion: 1\nArchitecture: all\nX: ${'a'.repeat(100 * MEGABYTE)}\n` }),
  ],
  [
    'a control.tar that unpacks to 300 MB',
    () => debBytes({ controlEntries: [{ name: './big', content: new Uint8Array(300 * MEGABYTE) }] }),
  ],
  ['a control character in a field', () => debBytes({ control: { Description: 'bell \u0007' } })],
  ['NUL in a field', () => debBytes({ control: { Description: 'a\u0000b' } })],
  ['a version with a slash', () => debBytes({ control: { Version: '1/2' } })],
  ['a version that leads elsewhere', () => debBytes({ control: { Version: '1_../../x' } })],
  ['a version without a digit', () => debBytes({ control: { Version: 'latest' } })],
  ['a package whose name is a path', () => debBytes({ control: { Package: '../../etc' } })],
  ['a name with upper case', () => debBytes({ control: { Package: 'Tool' } })],
  ['an architecture that is a path', () => debBytes({ control: { Architecture: 'amd64/..' } })],
  ['no architecture', () => debBytes({ control: { Architecture: undefined } })],
  ['a field twice', () => debBytes({ control: 'Package: x\nVersion: 1\nversion: 2\nArchitecture: all\n' })],
  [
    'two paragraphs',
    () =>
      debBytes({ control: 'Package: x\nVersion: 1\nArchitecture: all\n\nPackage: y\nVersion: 1\nArchitecture: all\n' }),
  ],
  [
    'two control files',
    () =>
      debBytes({
        controlEntries: [
          { name: './control', content: 'a: b\n' },
          { name: 'control', content: 'a: c\n' },
        ],
      }),
  ],
  ['a version of 100,000 characters', () => debBytes({ control: { Version: `1${'0'.repeat(100_000)}` } })],
];

describe('an upload is a 400 and leaves nothing', () => {
  for (const [sentence, bytes] of REFUSED) {
    test(`with ${sentence}`, async () => {
      const answer = await addPackage(server(), { repository: 'refused' }, { name: 'x.deb', bytes: bytes() });
      expect(answer.status).toBe(400);
      const { error } = (await answer.json()) as { error: { code: string; message: string } };
      expect(error.code).toBe('invalid_request');
      expect(error.message).not.toBe('');
      const direct = await put(server(), 'refused/pool/bookworm/main/x.deb', bytes());
      expect(direct.status).toBe(400);
      expect((await fetch(`${repositoryUrl(server(), 'refused')}/pubkey`)).status).toBe(404);
    });
  }

  for (const dist of [undefined, '', '../x', 'a/b', '.hidden', 'a b', 'x'.repeat(100), 'a\nb', '%2e%2e']) {
    test(`into the distribution ${JSON.stringify(dist)}`, async () => {
      const answer = await addPackage(server(), { repository: 'refused', dist }, { name: 'x.deb', bytes: fine });
      expect(answer.status).toBe(400);
      expect((await fetch(`${repositoryUrl(server(), 'refused')}/pubkey`)).status).toBe(404);
    });
  }

  for (const component of ['../x', 'a/b', '.', 'a b']) {
    test(`into the component ${JSON.stringify(component)}`, async () => {
      const answer = await addPackage(server(), { repository: 'refused', component }, { name: 'x.deb', bytes: fine });
      expect(answer.status).toBe(400);
    });
  }

  test('with a .dsc or .changes that is none', async () => {
    for (const name of ['x_1.dsc', 'x_1.changes'])
      for (const bytes of [Buffer.from('nonsense'), Buffer.from(''), fine, Buffer.alloc(6 * MEGABYTE, 97)])
        expect((await addPackage(server(), { repository: 'refused' }, { name, bytes })).status).toBe(400);
  });

  test('with a .dsc that lists files elsewhere', async () => {
    const { dsc } = sourcePackage({
      source: 'tool',
      files: [{ name: '../../tool_1.0.tar.gz', bytes: Buffer.from('x') }],
    });
    expect((await addPackage(server(), { repository: 'refused' }, dsc)).status).toBe(400);
    const changes = changesFile({ files: [{ name: '/etc/passwd', bytes: Buffer.from('x') }] });
    expect((await addPackage(server(), { repository: 'refused' }, changes)).status).toBe(400);
  });
});

describe('other bytes under a name that is taken', () => {
  test('are a conflict, and the first stay', async () => {
    const options = (text: string) => ({
      control: { Package: 'tool', Version: '1', Architecture: 'amd64' },
      files: { 'usr/share/doc/tool/README': text },
    });
    await publishDeb(server(), { repository: 'taken' }, options('first'));
    const second = { name: 'x.deb', bytes: debBytes(options('second')) };
    expect((await addPackage(server(), { repository: 'taken' }, second)).status).toBe(409);
    expect((await addPackage(server(), { repository: 'taken', component: 'other' }, second)).status).toBe(409);
    expect((await addPackage(server(), { repository: 'taken', dist: 'trixie' }, second)).status).toBe(201);
    expect(await listed(server(), 'taken')).toEqual(['tool 1']);
  });
});

describe('an address that leads nowhere is a 404 and never a 500', () => {
  test('whatever it is', async () => {
    await publishDeb(
      server(),
      { repository: 'here' },
      { control: { Package: 'tool', Version: '1', Architecture: 'amd64' } },
    );
    for (const path of [
      'dists/nope/InRelease',
      'dists/../InRelease',
      'dists/%2e%2e/InRelease',
      'dists/bookworm/main/binary-amd64/Packages.xz',
      'dists/bookworm/__proto__',
      'dists/bookworm/constructor',
      'dists/bookworm/main/by-hash/SHA256/zz',
      `dists/bookworm/main/by-hash/SHA256/${'0'.repeat(64)}`,
      `dists/nope/by-hash/SHA256/${'0'.repeat(64)}`,
      'packages/bookworm/t/nope.deb',
      'packages/%00',
      'packages/bookworm/t/%ff%fe',
      `packages/${'x/'.repeat(2000)}`,
      'nope.sources',
      '..sources',
      'pool/bookworm/main/x.deb',
      'nothing',
    ]) {
      const { status } = await sendRaw(server().url, [requestHead('GET', `/repo/apt/here/${path}`)]);
      expect(`${path.slice(0, 60)} ${[301, 400, 404, 405].includes(status) ? 'refused' : status}`).toBe(
        `${path.slice(0, 60)} refused`,
      );
    }
    for (const method of ['POST', 'PATCH', 'PUT', 'DELETE']) {
      const answer = await fetch(`${repositoryUrl(server(), 'here')}/dists/bookworm/InRelease`, {
        method,
        headers: bearer(server().adminToken),
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
  });
});

describe('nobody without a token', () => {
  test('uploads, deletes, or sees a secret key', async () => {
    const form = new FormData();
    form.append('f', new Blob([fine]), 'x.deb');
    const url = server().url;
    expect(
      (await fetch(`${url}/addpkg?provider=apt&reponame=here&dist=x`, { method: 'POST', body: form })).status,
    ).toBe(401);
    expect((await fetch(`${url}/repo/apt/here/pool/x/main/y.deb`, { method: 'PUT', body: fine })).status).toBe(401);
    expect((await fetch(`${url}/repo/apt/here/incoming/y.deb`, { method: 'PUT', body: fine })).status).toBe(401);
    const keys = `${url}/api/v1/repositories/apt/here/keys`;
    const [key] = ((await (await fetch(keys)).json()) as { items: { fingerprint: string }[] }).items;
    expect((await fetch(`${keys}/${key?.fingerprint}/export`, { method: 'POST' })).status).toBe(401);
    expect(
      (await fetch(keys, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status,
    ).toBe(401);
  });
});
