import { describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { debBytes, writeDeb } from '../../src/formats/apt/fixtures/deb-writer.ts';
import { writeTar } from '../../src/formats/apt/fixtures/tar-writer.ts';
import { basic, bearer } from '../support/api.ts';
import { clientTest } from '../support/clients.ts';
import { inCheckout } from '../support/paths.ts';
import { type RunResult, run } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import {
  addPackage,
  aptFor,
  changesFile,
  FAST_KEYS,
  listed,
  type NamedBytes,
  paragraphs,
  publishDeb,
  publishSource,
  put,
  read,
  sourcePackage,
} from './repository.ts';

const server = useServer(FAST_KEYS);

const amd64 = (Package: string, Version: string) => ({
  control: { Package, Version, Architecture: 'amd64' },
  files: { [`usr/share/doc/${Package}/README`]: `${Package} ${Version}\n` },
});

function packyard(args: readonly string[], program = 'packyard'): Promise<RunResult> {
  const env = { PACKYARD_URL: server().url, PACKYARD_TOKEN: server().adminToken };
  return run(['node', inCheckout(`bin/${program}`), ...args], { env });
}

describe('the ways in which a package comes in', () => {
  test('/addpkg takes what the control file says, whatever the parameters and the file’s name say', async () => {
    const file = {
      name: 'extpython_3.6.7_amd64.deb_trusty',
      bytes: debBytes(amd64('extpython3.6', '1:3.6.7-1~18.04')),
    };
    const response = await addPackage(server(), { repository: 'addpkg' }, file, { name: 'python3', version: 'x' });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      ok: true,
      package: 'extpython3.6',
      version: '1:3.6.7-1~18.04',
      file: { name: 'extpython3.6_1:3.6.7-1~18.04_amd64.deb' },
    });
    const again = await addPackage(server(), { repository: 'addpkg' }, file);
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ result: 'unchanged' });
  });

  test('PUT into the pool publishes at once', async () => {
    const answer = await put(server(), 'puts/pool/bookworm/contrib/x.deb', debBytes(amd64('tool', '1')));
    expect(answer.status).toBe(201);
    expect(await listed(server(), 'puts', 'bookworm/contrib/binary-amd64')).toEqual(['tool 1']);
  });

  test('the same package in another component of a distribution is a conflict, where files may be replaced a move', async () => {
    const file = { name: 'tool.deb', bytes: debBytes(amd64('tool', '1')) };
    const send = (component: string) => addPackage(server(), { repository: 'components', component }, file);
    expect((await send('main')).status).toBe(201);
    expect((await send('main')).status).toBe(200);
    const refused = await send('contrib');
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('with the component main, not contrib');
    expect(
      (await addPackage(server(), { repository: 'components', dist: 'trixie', component: 'contrib' }, file)).status,
    ).toBe(201);
    const copied = await packyard(['copy', 'apt/components', 'tool', '--from', 'trixie', '--to', 'bookworm']);
    expect(copied).toMatchObject({ code: 5 });
    expect(await listed(server(), 'components', 'bookworm/main/binary-amd64')).toEqual(['tool 1']);
    expect((await packyard(['repo', 'update', 'apt/components', '--write-policy', 'overwrite'])).code).toBe(0);
    expect(await (await send('contrib')).json()).toMatchObject({ result: 'replaced' });
    expect(await listed(server(), 'components', 'bookworm/contrib/binary-amd64')).toEqual(['tool 1']);
    expect(await read(server(), 'components', 'dists/bookworm/Release')).toContain('\nComponents: contrib\n');
  });

  test('rpcli, as artifactd’s users call it', async () => {
    using folder = new TempFolder('rpcli');
    const { path } = await writeDeb(folder.join('tool_1_amd64.deb_trusty'), amd64('tool', '1'));
    const upload = ['-y', 'apt', '-f', path, '-r', 'rpcli', '-p', 'tool', '-i', '1'];
    const result = await packyard(['-s', server().url, 'upload', ...upload, '-a', 'dist=trusty'], 'rpcli');
    expect(result).toMatchObject({ code: 0 });
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: true, package: 'tool' });
    expect(await listed(server(), 'rpcli', 'trusty/main/binary-amd64')).toEqual(['tool 1']);
    expect(await packyard(['-s', server().url, 'upload', ...upload], 'rpcli')).toMatchObject({ code: 1 });
  });

  test('packyard upload, into several distributions and a component', async () => {
    using folder = new TempFolder('upload');
    const { path } = await writeDeb(folder.join('tool.deb'), amd64('tool', '1'));
    const flags = ['--dist', 'bookworm', '--dist', 'trixie', '--component', 'extra'];
    expect(await packyard(['upload', 'apt/cli', path, ...flags])).toMatchObject({ code: 0 });
    expect(await packyard(['upload', 'seen', path, '--dist', 'bookworm'])).toMatchObject({ code: 0 });
    for (const dist of ['bookworm', 'trixie'])
      expect(await listed(server(), 'cli', `${dist}/extra/binary-amd64`)).toEqual(['tool 1']);
    expect(await listed(server(), 'seen')).toEqual(['tool 1']);
  });

  test('packyard upload of many packages is few revisions, and one that is refused keeps none of the others away', async () => {
    using folder = new TempFolder('many');
    const paths = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        return (await writeDeb(folder.join(`p${index}.deb`), amd64(`tool-${index}`, '1'))).path;
      }),
    );
    const good = await packyard(['upload', 'apt/many', ...paths, '--dist', 'bookworm']);
    expect(good).toMatchObject({ code: 0, stdout: 'created 40 files  apt/many\n' });
    const repository = (await (
      await fetch(`${server().url}/api/v1/repositories/apt/many`, { headers: bearer(server().adminToken) })
    ).json()) as { revision: number };
    expect(repository.revision).toBe(1);
    writeFileSync(folder.join('broken.deb'), 'no package');
    const mixed = await packyard(['upload', 'apt/mixed', ...paths, folder.join('broken.deb'), '--dist', 'bookworm']);
    expect(mixed.code).toBe(1);
    expect(mixed.stderr).toContain('broken.deb');
    expect((await listed(server(), 'mixed')).length).toBe(40);
  });

  test('a tar is all or nothing', async () => {
    const send = (entries: Parameters<typeof writeTar>[0], repository: string) =>
      fetch(`${server().url}/addpkg?provider=apt&reponame=${repository}&dist=bookworm`, {
        method: 'POST',
        headers: { ...bearer(server().adminToken), 'content-type': 'application/x-tar' },
        body: writeTar(entries),
      });
    const entries = Array.from({ length: 1200 }, (_, index) => ({
      name: `./debs/p${index}.deb`,
      content: debBytes(amd64(`tool-${index % 400}`, `${index}`)),
    }));
    const whole = await send([{ name: 'debs/', type: '5' }, ...entries], 'tar');
    expect(await whole.json()).toMatchObject({ ok: true, created: 1200, revision: 1 });
    expect((await listed(server(), 'tar')).length).toBe(1200);
    const broken = await send([...entries.slice(0, 5), { name: 'bad.deb', content: 'nothing' }], 'broken-tar');
    expect(broken.status).toBe(400);
    expect(await broken.text()).toContain('bad.deb');
    const different = [entries[0], { name: 'again.deb', content: debBytes({ ...amd64('tool-0', '0'), files: {} }) }];
    expect((await send(different as typeof entries, 'broken-tar')).status).toBe(400);
    expect((await fetch(`${server().url}/repo/apt/broken-tar/pubkey`)).status).toBe(404);
    const other = await fetch(`${server().url}/addpkg?provider=pypi&reponame=x`, {
      method: 'POST',
      headers: { ...bearer(server().adminToken), 'content-type': 'application/x-tar' },
      body: writeTar([]),
    });
    expect(other.status).toBe(400);
  });
});

describe('a source package', () => {
  test('comes by its files, then its .dsc; earlier versions keep what they share', async () => {
    const upstream = { name: 'tool_1.0.orig.tar.gz', bytes: Buffer.from('upstream') };
    const files = (revision: string) => [
      upstream,
      { name: `tool_1.0-${revision}.debian.tar.xz`, bytes: Buffer.from(`debian ${revision}`) },
    ];
    const fields = { Format: '3.0 (quilt)' };
    await publishSource(
      server(),
      { repository: 'shared' },
      { source: 'tool', version: '1.0-1', files: files('1'), fields },
    );
    // The second version brings its own part only: the upstream tarball is there.
    const second = sourcePackage({ source: 'tool', version: '1.0-2', files: files('2'), fields });
    for (const file of [second.files[1], second.dsc])
      if (file) expect((await addPackage(server(), { repository: 'shared' }, file)).ok).toBe(true);
    const sources = paragraphs(await read(server(), 'shared', 'dists/bookworm/main/source/Sources'));
    expect(sources.map((each) => each.get('Version'))).toEqual(['1.0-1', '1.0-2']);
    expect((await packyard(['delete', 'apt/shared', 'tool@1.0-1', '--yes'])).code).toBe(0);
    const [left] = paragraphs(await read(server(), 'shared', 'dists/bookworm/main/source/Sources'));
    expect(await read(server(), 'shared', `${left?.get('Directory')}/tool_1.0.orig.tar.gz`)).toBe('upstream');
  });

  test('whose files are missing is refused, and leaves nothing', async () => {
    const { dsc, files } = sourcePackage({ source: 'tool', version: '1.0' });
    const refused = await addPackage(server(), { repository: 'missing' }, dsc);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(files[0]?.name ?? '');
    const wrong = { name: files[0]?.name ?? '', bytes: Buffer.from('something else') };
    expect((await addPackage(server(), { repository: 'missing' }, wrong)).status).toBe(202);
    expect((await addPackage(server(), { repository: 'missing' }, dsc)).status).toBe(400);
    expect((await fetch(`${server().url}/repo/apt/missing/dists/bookworm/InRelease`)).status).toBe(404);
  });

  clientTest('goes in with packyard upload and comes out with apt-get source', 'dpkg-source', async () => {
    using folder = new TempFolder('source');
    const { dsc, files } = sourcePackage({ source: 'tool', version: '2.0', signed: true });
    for (const file of [dsc, ...files]) writeFileSync(folder.join(file.name), file.bytes);
    const uploaded = await packyard(['upload', 'apt/source', folder.join(dsc.name), '--dist', 'bookworm']);
    expect(uploaded).toMatchObject({ code: 0 });
    expect(uploaded.stdout).toContain('waiting');
    using apt = await aptFor(server(), 'source');
    await apt.updateCleanly();
    expect(await apt.source('tool', ['--allow-unauthenticated'])).toMatchObject({ code: 0 });
  });
});

describe('a .changes file', () => {
  test('publishes binary and source packages at once, in its distribution and their components', async () => {
    const { dsc, files } = sourcePackage({ source: 'tool', version: '3.0' });
    const deb = { name: 'tool_3.0_amd64.deb', bytes: debBytes(amd64('tool', '3.0')) };
    const parts = [...files, dsc, deb];
    const changes = changesFile({
      source: 'tool',
      version: '3.0',
      distribution: 'trixie',
      section: 'contrib/utils',
      files: parts,
    });
    for (const part of parts)
      expect((await put(server(), `changes/incoming/${part.name}`, part.bytes)).status).toBe(202);
    expect((await fetch(`${server().url}/repo/apt/changes/dists/trixie/InRelease`)).status).toBe(404);
    expect((await put(server(), `changes/incoming/${changes.name}`, changes.bytes)).status).toBe(201);
    expect(await listed(server(), 'changes', 'trixie/contrib/binary-amd64')).toEqual(['tool 3.0']);
    const sources = paragraphs(await read(server(), 'changes', 'dists/trixie/contrib/source/Sources'));
    expect(sources.map((each) => each.get('Package'))).toEqual(['tool']);
  });

  test('may come again, when everything that it lists is published', async () => {
    const { dsc, files } = sourcePackage({ source: 'tool', version: '1:6.0' });
    const deb = { name: 'tool_6.0_amd64.deb', bytes: debBytes(amd64('tool', '1:6.0')) };
    const buildinfo = { name: 'tool_6.0_amd64.buildinfo', bytes: Buffer.from('Format: 1.0\n') };
    const parts = [...files, dsc, deb, buildinfo];
    const changes = changesFile({ source: 'tool', version: '1:6.0', files: parts });
    const send = ({ name, bytes }: NamedBytes) => put(server(), `again/incoming/${name}`, bytes);
    for (const part of parts) expect((await send(part)).status).toBe(202);
    expect((await send(changes)).status).toBe(201);
    const again = await send(changes);
    expect(again.status).toBe(200);
    expect(await again.text()).toContain('unchanged');
    expect(await listed(server(), 'again')).toEqual(['tool 1:6.0']);
    for (const part of [...parts, changes]) expect((await send(part)).ok).toBe(true);
    expect(await listed(server(), 'again')).toEqual(['tool 1:6.0']);
  });

  test('with a file missing, or with other bytes, publishes nothing', async () => {
    const deb = { name: 'tool_3.0_amd64.deb', bytes: debBytes(amd64('tool', '3.0')) };
    const changes = changesFile({ source: 'tool', version: '3.0', files: [deb] });
    expect((await put(server(), `half/incoming/${changes.name}`, changes.bytes)).status).toBe(400);
    await put(server(), `half/incoming/${deb.name}`, debBytes(amd64('tool', '4.0')));
    expect((await put(server(), `half/incoming/${changes.name}`, changes.bytes)).status).toBe(400);
    expect((await fetch(`${server().url}/repo/apt/half/dists/bookworm/InRelease`)).status).toBe(404);
  });

  clientTest('comes with dput', 'dput', async (dput) => {
    using folder = new TempFolder('dput');
    const { dsc, files } = sourcePackage({ source: 'tool', version: '5.0' });
    const parts = [...files, dsc, { name: 'tool_5.0_amd64.deb', bytes: debBytes(amd64('tool', '5.0')) }];
    const changes = changesFile({ source: 'tool', version: '5.0', distribution: 'bookworm', files: parts });
    for (const part of [...parts, changes]) writeFileSync(folder.join(part.name), part.bytes);
    const at = server().url.replace('://', `://me:${server().adminToken}@`);
    const profile = `[packyard]\nfqdn = ${at}/repo/apt/dput\nincoming = incoming\nmethod = http\nallow_unsigned_uploads = 1\nhash = sha256\n`;
    writeFileSync(folder.join('dput.cf'), profile);
    mkdirSync(folder.join('home'));
    const result = await dput.run(
      ['--config', folder.join('dput.cf'), '--unchecked', 'packyard', folder.join(changes.name)],
      {
        env: { HOME: folder.join('home') },
      },
    );
    expect(result).toMatchObject({ code: 0 });
    expect(await listed(server(), 'dput')).toEqual(['tool 5.0']);
  });
});

describe('what is deleted, copied and chosen', () => {
  test('one package in one distribution only', async () => {
    await publishDeb(server(), { repository: 'moves', dist: ['bookworm', 'trixie'] }, amd64('tool', '1'));
    await publishDeb(server(), { repository: 'moves' }, amd64('tool', '1.10'));
    await publishDeb(server(), { repository: 'moves' }, amd64('tool', '1.9'));
    expect(await packyard(['copy', 'apt/moves', 'tool', '--from', 'bookworm', '--to', 'trixie'])).toMatchObject({
      code: 0,
      stdout: 'copied tool 1.10 from bookworm to trixie: 1 file\n',
    });
    expect(await listed(server(), 'moves', 'trixie/main/binary-amd64')).toEqual(['tool 1', 'tool 1.10']);
    expect((await packyard(['delete', 'apt/moves', 'tool@1', '--dist', 'trixie', '--yes'])).code).toBe(0);
    expect(await listed(server(), 'moves', 'trixie/main/binary-amd64')).toEqual(['tool 1.10']);
    expect(await listed(server(), 'moves')).toEqual(['tool 1', 'tool 1.10', 'tool 1.9']);
    expect((await packyard(['copy', 'apt/moves', 'nothing', '--from', 'bookworm', '--to', 'sid'])).code).toBe(3);
    expect((await packyard(['copy', 'apt/moves', 'tool', '--from', 'bookworm', '--to', '../x'])).code).toBe(1);
    expect((await packyard(['undelete', 'apt/moves', 'tool@1'])).code).toBe(0);
    expect(await listed(server(), 'moves', 'trixie/main/binary-amd64')).toEqual(['tool 1.10', 'tool 1']);
  });

  test('by its address, as with artifactd', async () => {
    await publishDeb(server(), { repository: 'address' }, amd64('tool', '1'));
    expect(await listed(server(), 'address')).toEqual(['tool 1']);
    const url = `${server().url}/repo/apt/address/packages/bookworm/t/tool_1_amd64.deb`;
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-type')).toBe(
      'application/vnd.debian.binary-package',
    );
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(401);
    expect(await (await fetch(url, { method: 'DELETE', headers: basic(server().adminToken) })).text()).toBe('OK');
    expect(await listed(server(), 'address', 'bookworm/main/binary-amd64')).toEqual([]);
  });

  test('settings of a distribution are in its Release file', async () => {
    await publishDeb(server(), { repository: 'settings' }, amd64('tool', '1'));
    const flags = ['--origin', 'Example', '--label', 'Tools', '--suite', 'stable', '--valid-days', '7', '--no-by-hash'];
    const more = [
      '--component',
      'empty',
      '--architecture',
      'arm64',
      '--description',
      'Tools for us',
      '--not-automatic',
    ];
    expect(await packyard(['dist', 'set', 'apt/settings', 'bookworm', ...flags, ...more])).toMatchObject({ code: 0 });
    const release = await read(server(), 'settings', 'dists/bookworm/Release');
    for (const line of [
      'Origin: Example',
      'Label: Tools',
      'Suite: stable',
      'Codename: bookworm',
      'Acquire-By-Hash: no',
      'NotAutomatic: yes',
      'Architectures: all amd64 arm64',
      'Components: empty main',
      'Description: Tools for us',
    ])
      expect(release.split('\n')).toContain(line);
    expect(release).toMatch(/^Valid-Until: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d UTC$/m);
    expect((await packyard(['dist', 'set', 'apt/settings', 'bookworm', '--origin', 'a\nb'])).code).toBe(1);
    expect((await packyard(['dist', 'set', 'apt/settings', '../x', '--origin', 'a'])).code).toBe(1);
    expect((await packyard(['dist', 'list', 'apt/settings'])).stdout).toBe('bookworm\n');
    expect((await packyard(['dist', 'forget', 'apt/settings', 'bookworm'])).code).toBe(0);
    expect(await read(server(), 'settings', 'dists/bookworm/Release')).toContain('Origin: settings\n');
  });

  test('keys are shown, rotated, exported, imported and retired', async () => {
    await publishDeb(server(), { repository: 'keys' }, amd64('tool', '1'));
    expect((await packyard(['key', 'rotate', 'apt/keys'])).code).toBe(0);
    const shown = await packyard(['key', 'show', 'apt/keys']);
    const fingerprints = shown.stderr.match(/[0-9A-F]{40}/g) ?? [];
    expect(fingerprints.length).toBe(2);
    expect((await packyard(['key', 'retire', 'apt/keys', fingerprints[0] ?? ''])).code).toBe(0);
    expect((await packyard(['key', 'retire', 'apt/keys', fingerprints[1] ?? ''])).code).toBe(5);
    const exported = await packyard(['key', 'export', 'apt/keys']);
    expect(exported.stdout).toContain('BEGIN PGP PRIVATE KEY BLOCK');
    await publishDeb(server(), { repository: 'keys-too' }, amd64('tool', '1'));
    using folder = new TempFolder('key');
    writeFileSync(folder.join('key.asc'), exported.stdout);
    const imported = await packyard(['key', 'import', 'apt/keys-too', folder.join('key.asc'), '--retire-others']);
    expect(imported).toMatchObject({ code: 0 });
    expect(await read(server(), 'keys-too', 'pubkey')).toBe(await read(server(), 'keys', 'pubkey'));
    expect(server().output).not.toContain('PRIVATE KEY');
    const events = await (
      await fetch(`${server().url}/api/v1/events`, { headers: bearer(server().adminToken) })
    ).text();
    expect(events).toContain('key.export');
    expect(events).not.toContain('PRIVATE KEY');
  });
});
