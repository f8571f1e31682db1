import { describe, expect, test } from 'bun:test';
import { createRepository, putFile } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { fetchFresh } from '../support/fresh-connection.ts';
import { inCheckout } from '../support/paths.ts';
import { cleanEnvironment, run } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';

const server = useServer({ flags: ['--workers', '2'] });

/** The numbers of the workers that answered these requests, by the log. */
function workersThatLogged(text: string): ReadonlySet<unknown> {
  const lines = server()
    .stderr.split('\n')
    .filter((line) => line.includes(text));
  return new Set(lines.map((line) => JSON.parse(line).worker));
}

describe('two workers', () => {
  test('share one port: both answer, and a scrape of either shows the sum of both', async () => {
    const requests = 40;
    const path = '/api/v1/repositories';
    for (let request = 0; request < requests; request += 1) {
      expect((await fetchFresh(`${server().url}${path}`)).status).toBe(200);
    }
    await eventually('both have answered', () => workersThatLogged(`"path":"${path}"`).size === 2);
    for (let scrape = 0; scrape < 10; scrape += 1) {
      const text = await (await fetchFresh(`${server().url}/metrics`)).text();
      expect(text).toContain(
        `packyard_http_requests_total{format="server",route="api",method="GET",status="2xx"} ${requests}\n`,
      );
      expect(text).toContain('packyard_workers{state="answering"} 2\n');
      expect(text).toContain('packyard_workers{state="silent"} 0\n');
    }
  });

  test('show at once what was published through either, also what others have read before', async () => {
    await createRepository(server(), 'generic/moving', { writePolicy: 'overwrite' });
    for (let round = 0; round < 20; round += 1) {
      expect((await putFile(server(), 'moving/p/1/f', `round ${round}`)).ok).toBe(true);
      const answers = Array.from({ length: 6 }, async () =>
        (await fetchFresh(`${server().url}/repo/generic/moving/p/1/f`)).text(),
      );
      expect(new Set(await Promise.all(answers))).toEqual(new Set([`round ${round}`]));
    }
  });

  test('print one first token between them, which both know', async () => {
    expect(server().stdout.split(server().adminToken)).toHaveLength(3);
    for (let request = 0; request < 8; request += 1) {
      const headers = { authorization: `Bearer ${server().adminToken}` };
      expect((await fetchFresh(`${server().url}/api/v1/whoami`, { headers })).status).toBe(200);
    }
  });
});

test('a port that the system chooses is the same for all workers', async () => {
  using folder = new TempFolder();
  const command = ['serve', '--workers', '3', '--listen', '127.0.0.1:0', '--data', folder.path];
  const child = Bun.spawn(['node', inCheckout('bin/packyard'), ...command], {
    cwd: folder.path,
    env: cleanEnvironment(),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  let output = '';
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += chunk;
    if (output.includes('Workers: 3')) break;
  }
  const url = /answers at (\S+)/.exec(output)?.[1];
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
  const started = (await new Response(child.stderr).text())
    .split('\n')
    .filter((line) => line.includes('"msg":"started"'));
  expect(started.map((line) => JSON.parse(line).url)).toEqual(Array(4).fill(url));
});

test('a port that another program has is refused, even if that program would share it', async () => {
  using folder = new TempFolder();
  const other = Bun.serve({ hostname: '127.0.0.1', port: 0, reusePort: true, fetch: () => new Response('other') });
  const address = `127.0.0.1:${other.port}`;
  const flags = ['--workers', '2', '--listen', address, '--data', folder.path];
  const result = await run(['node', inCheckout('bin/packyard'), 'serve', ...flags]);
  await other.stop(true);
  expect(result.code).not.toBe(0);
  expect(result.stderr).toContain(address);
  expect(result.stdout).toBe('');
  expect(result.output).not.toMatch(/^\s+at .+:\d+:\d+/m);
});

test('what is kept in memory cannot be shared, and the refusal says so', async () => {
  for (const place of [
    ['--storage', 'memory:'],
    ['--database', 'sqlite::memory:'],
  ]) {
    using folder = new TempFolder();
    const flags = ['--workers', '2', '--listen', '127.0.0.1:0', '--data', folder.path, ...place];
    const result = await run(['node', inCheckout('bin/packyard'), 'serve', ...flags]);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^error: workers: .*memory/m);
    expect(result.stderr).toMatch(/^try: .*\b1\b/m);
  }
});

test('a worker is nothing to be started by hand', async () => {
  const result = await run(['node', inCheckout('bin/packyard'), 'worker', '1']);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('serve --workers');
});
