import { describe, expect } from 'bun:test';
import { clientTest } from '../support/clients.ts';
import { useServer } from '../support/use-server.ts';
import { aptFor, FAST_KEYS, publishDeb, read } from './repository.ts';

const server = useServer(FAST_KEYS);

const ROUNDS = 200;

const tool = (version: number, name = 'tool') => ({
  control: { Package: name, Version: String(version), Architecture: version % 3 === 0 ? 'all' : 'amd64' },
});

describe('apt-get update while others publish', () => {
  clientTest(`meets not one wrong hash or size in ${ROUNDS} rounds`, 'apt-get', async () => {
    const place = { repository: 'busy', dist: ['bookworm', 'trixie'] };
    await publishDeb(server(), place, tool(0));
    using apt = await aptFor(server(), 'busy');
    let stopped = false;
    let published = 0;
    const publishers = [1, 2].map(async (publisher) => {
      for (let number = 1; !stopped; number++) {
        await publishDeb(server(), place, tool(number, `tool-${publisher}`));
        published += 1;
      }
    });
    for (let round = 0; round < ROUNDS; round++) await apt.updateCleanly();
    stopped = true;
    await Promise.all(publishers);
    expect(published).toBeGreaterThan(ROUNDS / 4);
    await apt.updateCleanly();
    const { stdout } = await apt.cache(['pkgnames']);
    expect(stdout).toContain('tool-1');
  });

  clientTest('finishes with the old index after it has begun with the old Release', 'apt-get', async () => {
    const place = { repository: 'slow' };
    await publishDeb(server(), place, tool(1));
    const release = await read(server(), 'slow', 'dists/bookworm/Release');
    const digests = [...release.matchAll(/^ ([0-9a-f]{64}) +\d+ (\S+)$/gm)];
    for (let number = 2; number < 40; number++) {
      await publishDeb(server(), place, tool(number));
      await read(server(), 'slow', 'dists/bookworm/InRelease');
    }
    expect(digests.length).toBeGreaterThan(8);
    for (const [, digest = '', path = ''] of digests) {
      const folder = path.slice(0, path.lastIndexOf('/'));
      const response = await fetch(`${server().url}/repo/apt/slow/dists/bookworm/${folder}/by-hash/SHA256/${digest}`);
      expect(response.status).toBe(200);
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(new Bun.CryptoHasher('sha256').update(bytes).digest('hex')).toBe(digest);
    }
  });
});
