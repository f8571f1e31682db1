import { expect } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { createRepository } from '../support/api.ts';
import { type Client, clientTest } from '../support/clients.ts';
import type { RunResult } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { sha256 } from '../support/wheel.ts';

const server = useServer();

/** Runs curl and appends the status to what it prints. */
function status(curl: Client, args: readonly string[]): Promise<RunResult> {
  return curl.run(['-sS', '-w', '\n%{http_code}', ...args]);
}

function token(): string[] {
  return ['-H', `Authorization: Bearer ${server().adminToken}`];
}

function address(path: string): string {
  return `${server().url}/repo/generic/${path}`;
}

function save(folder: TempFolder, name: string, content: string): string {
  writeFileSync(folder.join(name), content);
  return folder.join(name);
}

async function upload(curl: Client, path: string, file: string, more: readonly string[] = []): Promise<string> {
  const result = await status(curl, ['-T', file, ...token(), ...more, address(path)]);
  return result.stdout.trim().split('\n').at(-1) ?? '';
}

clientTest(
  'curl -T stores a file in a repository that the first upload creates, and gets it back',
  'curl',
  async (curl) => {
    using folder = new TempFolder();
    const file = save(folder, 'tool.bin', 'the bytes\0of a tool');
    expect(await upload(curl, 'tools/tool/1.0/tool.bin', file)).toBe('201');
    await curl.ok(['-sSf', '-o', folder.join('back'), address('tools/tool/1.0/tool.bin')]);
    expect(await Bun.file(folder.join('back')).text()).toBe('the bytes\0of a tool');
  },
);

clientTest('the same bytes again are 200, other bytes 409, and the first stay', 'curl', async (curl) => {
  using folder = new TempFolder();
  const one = save(folder, 'one', 'one');
  const two = save(folder, 'two', 'two');
  expect(await upload(curl, 'again/p/1/f', one)).toBe('201');
  expect(await upload(curl, 'again/p/1/f', one)).toBe('200');
  expect(await upload(curl, 'again/p/1/f', two)).toBe('409');
  expect((await curl.ok(['-sSf', address('again/p/1/f')])).stdout).toBe('one');
});

clientTest('other bytes replace the first where the repository allows overwriting', 'curl', async (curl) => {
  await createRepository(server(), 'generic/overwrite', { writePolicy: 'overwrite' });
  using folder = new TempFolder();
  expect(await upload(curl, 'overwrite/p/1/f', save(folder, 'one', 'one'))).toBe('201');
  expect(await upload(curl, 'overwrite/p/1/f', save(folder, 'two', 'two'))).toMatch(/^20[01]$/);
  expect((await curl.ok(['-sSf', address('overwrite/p/1/f')])).stdout).toBe('two');
});

clientTest('If-None-Match: * refuses even the same bytes with 412', 'curl', async (curl) => {
  using folder = new TempFolder();
  const one = save(folder, 'one', 'one');
  const onlyNew = ['-H', 'If-None-Match: *'];
  expect(await upload(curl, 'absent/p/1/f', one, onlyNew)).toBe('201');
  expect(await upload(curl, 'absent/p/1/f', one, onlyNew)).toBe('412');
});

clientTest('HEAD tells size, digest, type and that ranges work, without a body', 'curl', async (curl) => {
  using folder = new TempFolder();
  const file = save(folder, 'f', '0123456789');
  await upload(curl, 'head/p/1/f.tar.gz', file);
  const { stdout } = await curl.ok(['-sSf', '-I', address('head/p/1/f.tar.gz')]);
  const head = stdout.toLowerCase();
  expect(head).toContain('content-length: 10\r\n');
  expect(head).toContain('accept-ranges: bytes\r\n');
  expect(head).toContain(`etag: "${sha256('0123456789')}"`);
  expect(stdout).toContain(Buffer.from(sha256('0123456789'), 'hex').toString('base64'));
  const download = await curl.ok(['-sSf', '-D', '-', '-o', '/dev/null', address('head/p/1/f.tar.gz')]);
  const withoutDate = (headers: string) =>
    headers
      .split('\r\n')
      .filter((line) => !/^(date|x-request-id):/i.test(line))
      .map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()))
      .sort();
  expect(withoutDate(stdout)).toEqual(withoutDate(download.stdout));
});

clientTest('DELETE removes a file; then it is gone for readers and listings', 'curl', async (curl) => {
  using folder = new TempFolder();
  await upload(curl, 'delete/p/1/f', save(folder, 'one', 'one'));
  const removed = await status(curl, ['-X', 'DELETE', ...token(), address('delete/p/1/f')]);
  expect(removed.stdout.trim()).toMatch(/20[04]$/);
  expect((await status(curl, [address('delete/p/1/f')])).stdout).toEndWith('404');
  const again = await status(curl, ['-X', 'DELETE', ...token(), address('delete/p/1/f')]);
  expect(again.stdout).toEndWith('404');
});

clientTest('writing and deleting need a token: 401 with a challenge', 'curl', async (curl) => {
  using folder = new TempFolder();
  const one = save(folder, 'one', 'one');
  await upload(curl, 'locked/p/1/f', one);
  for (const args of [
    ['-T', one, address('locked/p/1/g')],
    ['-X', 'DELETE', address('locked/p/1/f')],
  ]) {
    const result = await curl.ok(['-sS', '-D', '-', '-o', '/dev/null', ...args]);
    expect(result.stdout).toMatch(/^HTTP\/1\.1 401/m);
    expect(result.stdout).toMatch(/^www-authenticate: basic/im);
  }
  expect((await curl.ok(['-sSf', address('locked/p/1/f')])).stdout).toBe('one');
});

clientTest(
  'names with spaces, plus signs, percent signs and letters of any script keep their spelling',
  'curl',
  async (curl) => {
    using folder = new TempFolder();
    const file = save(folder, 'f', 'x');
    for (const name of ['a b.txt', 'c++_1.0+x~1.deb', '100%.txt', 'Prüfung-日本.txt', 'a&b=c;d,e@f!.txt', '%41.txt']) {
      const path = `names/p/1/${encodeURIComponent(name)}`;
      expect(await upload(curl, path, file)).toBe('201');
      expect((await curl.ok(['-sSf', address(path)])).stdout).toBe('x');
      const listing = await curl.ok(['-sSf', '-H', 'Accept: application/json', address('names/p/1/')]);
      expect(JSON.stringify(JSON.parse(listing.stdout))).toContain(JSON.stringify(name).slice(1, -1));
    }
  },
);

clientTest('an empty file is a file', 'curl', async (curl) => {
  using folder = new TempFolder();
  expect(await upload(curl, 'empty/p/1/f', save(folder, 'f', ''))).toBe('201');
  const result = await curl.ok(['-sSf', '-w', '%{http_code} %{size_download}', address('empty/p/1/f')]);
  expect(result.stdout).toBe('200 0');
});
