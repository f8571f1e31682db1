import { describe, expect } from 'bun:test';
import { debBytes } from '../../src/formats/apt/fixtures/deb-writer.ts';
import { createRepository, createToken } from '../support/api.ts';
import { clientTest } from '../support/clients.ts';
import { runOk } from '../support/run.ts';
import { useServer } from '../support/use-server.ts';
import { AptRoot } from './apt-root.ts';
import { addPackage, aptFor, FAST_KEYS, publishDeb, publishSource, read, repositoryUrl } from './repository.ts';

// RSA, as servers have it by default: this is what apt meets.
const server = useServer({ env: { PACKYARD_SIGNING_ALGORITHM: 'rsa4096' } });
const other = useServer(FAST_KEYS);

const amd64 = (Package: string, Version: string, more: Readonly<Record<string, string>> = {}) => ({
  control: { Package, Version, Architecture: 'amd64', ...more },
  files: { [`usr/share/doc/${Package}/README`]: `${Package} ${Version}\n` },
});
const all = (Package: string, Version: string) => amd64(Package, Version, { Architecture: 'all' });

describe('apt', () => {
  clientTest('updates, installs, upgrades and fetches sources', 'apt-get', async () => {
    const place = { repository: 'tools' };
    await publishDeb(server(), place, amd64('tool', '1.0', { Depends: 'helper (>= 2~)' }));
    await publishDeb(server(), place, all('helper', '1:2.0~rc1'));
    await publishSource(server(), place, { source: 'tool', version: '1.0' });
    using apt = await aptFor(server(), 'tools');
    await apt.updateCleanly();
    expect(await apt.install(['tool'])).toMatchObject({ code: 0 });
    expect(await apt.installedVersion('tool')).toBe('1.0');
    expect(await apt.installedVersion('helper')).toBe('1:2.0~rc1');

    await publishDeb(server(), place, amd64('tool', '1.10', { Depends: 'helper (>= 2~)' }));
    await publishDeb(server(), place, amd64('tool', '1.9', { Depends: 'helper (>= 2~)' }));
    await publishDeb(server(), place, all('helper', '1:2.0'));
    await apt.updateCleanly();
    expect((await apt.policy('tool')).candidate).toBe('1.10');
    expect(await apt.get(['upgrade'])).toMatchObject({ code: 0 });
    expect(await apt.installedVersion('tool')).toBe('1.10');
    expect(await apt.installedVersion('helper')).toBe('1:2.0');

    expect(await apt.source('tool')).toMatchObject({ code: 0 });
    expect((await runOk(['ls', apt.downloads])).stdout).toContain('tool-1.0');
  });

  clientTest('sees a publication in the very next update, also within the same second', 'apt-get', async () => {
    await publishDeb(other(), { repository: 'fast' }, amd64('tool', '0'));
    using apt = await aptFor(other(), 'fast');
    await apt.updateCleanly();
    for (let version = 1; version <= 15; version++) {
      await publishDeb(other(), { repository: 'fast' }, amd64('tool', String(version)));
      await apt.updateCleanly();
      expect((await apt.policy('tool')).candidate).toBe(String(version));
    }
    const { output } = await apt.updateCleanly();
    expect(output).toContain('Hit:1');
  });

  clientTest('asks for what it has read by its digest', 'apt-get', async () => {
    await publishDeb(other(), { repository: 'hashes' }, amd64('tool', '1'));
    using apt = await aptFor(other(), 'hashes');
    const { output } = await apt.updateCleanly(['-o', 'Debug::Acquire::http=true']);
    expect(output).toContain('/by-hash/SHA256/');
  });

  clientTest('pins by origin, label and component, and honours NotAutomatic', 'apt-get', async () => {
    await publishDeb(other(), { repository: 'pins' }, amd64('tool', '1'));
    await publishDeb(other(), { repository: 'pins', component: 'extra' }, amd64('tool', '2'));
    using apt = await aptFor(other(), 'pins');
    apt.writePreferences('Package: *\nPin: release o=pins, c=extra\nPin-Priority: -1\n');
    await apt.updateCleanly();
    expect((await apt.policy('tool')).candidate).toBe('1');
    const path = '/api/v1/repositories/apt/pins/indexes/bookworm';
    const response = await fetch(`${other().url}${path}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${other().adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ notAutomatic: true, butAutomaticUpgrades: true, description: 'Tools' }),
    });
    expect(response.status).toBe(200);
    using later = await aptFor(other(), 'pins');
    await later.updateCleanly();
    expect((await later.policy('tool')).text).toContain('100 http');
  });

  clientTest('fetches a private repository with a token from auth.conf.d, and not without', 'apt-get', async () => {
    await createRepository(other(), 'apt/private', { visibility: 'private' });
    await publishDeb(other(), { repository: 'private' }, amd64('tool', '1'));
    const token = await createToken(other(), 'machine', 'apt/private', ['read']);
    using apt = await aptFor(other(), 'private');
    expect((await apt.update()).code).not.toBe(0);
    apt.writeAuth(`machine ${repositoryUrl(other(), 'private')}/ login token password ${token}\n`);
    await apt.updateCleanly();
    expect(await apt.install(['tool'])).toMatchObject({ code: 0 });
  });

  clientTest('is satisfied while one key follows another', 'apt-get', async () => {
    await publishDeb(other(), { repository: 'rotation' }, amd64('tool', '1'));
    using apt = await aptFor(other(), 'rotation');
    await apt.updateCleanly();
    const keys = `${other().url}/api/v1/repositories/apt/rotation/keys`;
    const headers = { authorization: `Bearer ${other().adminToken}`, 'content-type': 'application/json' };
    const before = ((await (await fetch(keys, { headers })).json()) as { items: { fingerprint: string }[] }).items;
    expect((await fetch(keys, { method: 'POST', headers, body: '{}' })).status).toBe(201);
    await apt.updateCleanly();
    using fresh = await aptFor(other(), 'rotation');
    await fresh.updateCleanly();
    expect((await fetch(`${keys}/${before[0]?.fingerprint}`, { method: 'DELETE', headers })).status).toBeLessThan(300);
    expect((await apt.update()).code).not.toBe(0);
    await fresh.updateCleanly();
  });

  clientTest('reads every way in which the sources can be written', 'apt-get', async () => {
    await publishDeb(other(), { repository: 'sources' }, amd64('tool', '1'));
    const url = repositoryUrl(other(), 'sources');
    for (const [name, path] of [
      ['a.asc', 'key.asc'],
      ['b.asc', 'pubkey'],
      ['c.gpg', 'key.gpg'],
    ] as const) {
      using apt = new AptRoot();
      const key = apt.writeKey(name, new Uint8Array(await (await fetch(`${url}/${path}`)).arrayBuffer()));
      apt.writeSources('one.list', `deb [signed-by=${key}] ${url} bookworm main\n`);
      await apt.updateCleanly();
      expect((await apt.policy('tool')).candidate).toBe('1');
    }
  });

  clientTest('of another architecture finds packages for all', 'apt-get', async () => {
    await publishDeb(other(), { repository: 'arches' }, all('data', '1'));
    await publishDeb(other(), { repository: 'arches' }, amd64('tool', '1'));
    await publishDeb(
      other(),
      { repository: 'arches' },
      {
        control: { Package: 'tool', Version: '2', Architecture: 'riscv64' },
      },
    );
    using apt = await aptFor(other(), 'arches');
    await apt.updateCleanly(['-o', 'APT::Architecture=riscv64', '-o', 'APT::Architectures=riscv64']);
    const { stdout } = await apt.cache([
      '-o',
      'APT::Architecture=riscv64',
      '-o',
      'APT::Architectures=riscv64',
      'policy',
      'data',
      'tool',
    ]);
    expect(stdout.match(/Candidate: .*/g)).toEqual(['Candidate: 1', 'Candidate: 2']);
  });
});

describe('the set-up script', () => {
  clientTest('can be piped to a shell', 'sh', async (sh) => {
    await publishDeb(other(), { repository: 'setup' }, amd64('tool', '1'));
    const script = await read(other(), 'setup', 'dists/bookworm/install');
    expect(await sh.run(['-n'], { input: script })).toMatchObject({ code: 0 });
    expect(script).toContain('Signed-By: /etc/apt/keyrings/packyard-setup.asc');
    expect(script).not.toContain('apt-key');
  });
});

describe('one package in two distributions', () => {
  clientTest('is one blob and two entries', 'apt-get', async () => {
    const response = await addPackage(
      other(),
      { repository: 'two', dist: ['bookworm', 'trixie'] },
      {
        name: 'x.deb',
        bytes: debBytes(amd64('tool', '1')),
      },
    );
    expect(response.status).toBe(201);
    for (const dist of ['bookworm', 'trixie']) {
      using apt = await aptFor(other(), 'two', dist);
      await apt.updateCleanly();
      expect(await apt.install(['tool'])).toMatchObject({ code: 0 });
    }
  });
});
