import { describe, expect } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { findClient, skipVisibly } from '../support/clients.ts';
import { run } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { debianCodename, debianTest, minbasePackages } from './debian-archive.ts';
import { addPackage, FAST_KEYS, repositoryUrl } from './repository.ts';

const server = useServer(FAST_KEYS);

describe('debootstrap', async () => {
  const sentence = 'makes a system of packages that were published here';
  const debootstrap = findClient('debootstrap');
  if (!debootstrap) return skipVisibly(sentence, 'needs debootstrap: run tests/clients/install.sh');
  if (process.getuid?.() !== 0) return skipVisibly(sentence, 'needs root');
  await debianTest(sentence, async () => {
    const suite = await debianCodename();
    for (const path of await minbasePackages()) {
      const file = { name: basename(path), bytes: new Uint8Array(readFileSync(path)) };
      expect((await addPackage(server(), { repository: 'system', dist: suite }, file)).ok).toBe(true);
    }
    using folder = new TempFolder('debootstrap');
    const key = await fetch(`${repositoryUrl(server(), 'system')}/key.gpg`);
    writeFileSync(folder.join('key.gpg'), new Uint8Array(await key.arrayBuffer()));
    const target = folder.join('root');
    const options = ['--variant=minbase', '--arch=amd64', `--keyring=${folder.join('key.gpg')}`];
    const url = repositoryUrl(server(), 'system');
    const result = await debootstrap.run([...options, suite, target, url]);
    expect(result.code === 0 ? 'made' : result.output.slice(-3000)).toBe('made');
    expect(existsSync(`${target}/bin/sh`)).toBe(true);
    const packages = await run([
      'dpkg-query',
      `--admindir=${target}/var/lib/dpkg`,
      '--show',
      `--showformat=\${db:Status-Status}\n`,
    ]);
    expect(new Set(packages.stdout.trim().split('\n'))).toEqual(new Set(['installed']));
  });
});
