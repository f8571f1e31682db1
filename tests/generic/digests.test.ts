import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { putFile } from '../support/api.ts';
import { clientTest } from '../support/clients.ts';
import { runOk } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { sha256 } from '../support/wheel.ts';

const server = useServer();
const CONTENT = 'some bytes';

function field(content: string, algorithm = 'sha256', name = 'sha-256'): string {
  return `${name}=:${createHash(algorithm).update(content).digest('base64')}:`;
}

describe('a digest sent with an upload', () => {
  const right: Record<string, Record<string, string>> = {
    'X-Checksum-Sha256': { 'x-checksum-sha256': sha256(CONTENT) },
    'X-Checksum-Sha256 in capitals': { 'x-checksum-sha256': sha256(CONTENT).toUpperCase() },
    'Repr-Digest': { 'repr-digest': field(CONTENT) },
    'Content-Digest': { 'content-digest': field(CONTENT) },
    'Repr-Digest with sha-512': { 'repr-digest': field(CONTENT, 'sha512', 'sha-512') },
    'Repr-Digest with one that nobody knows beside': { 'repr-digest': `unixsum=:AAAA:, ${field(CONTENT)}` },
    'Repr-Digest with names that every object has': { 'repr-digest': 'constructor=:AAAA:, __proto__=:AAAA:' },
  };
  test.each(Object.entries(right))('%s: right is stored', async (title, headers) => {
    const path = `right/p/1/${encodeURIComponent(title)}`;
    expect((await putFile(server(), path, CONTENT, headers)).status).toBe(201);
  });

  const wrong: Record<string, Record<string, string>> = {
    'X-Checksum-Sha256': { 'x-checksum-sha256': sha256('other') },
    'X-Checksum-Sha256 that is no digest': { 'x-checksum-sha256': 'hello' },
    'Repr-Digest': { 'repr-digest': field('other') },
    'Content-Digest': { 'content-digest': field('other') },
    'Repr-Digest with sha-512': { 'repr-digest': field('other', 'sha512', 'sha-512') },
    'Repr-Digest of another form': { 'repr-digest': 'constructor=AAAA' },
    'Repr-Digest that is right beside a Content-Digest that is wrong': {
      'repr-digest': field(CONTENT),
      'content-digest': field('other'),
    },
  };
  test.each(Object.entries(wrong))('%s: wrong is 400, and nothing is stored', async (title, headers) => {
    const path = `wrong/p/1/${encodeURIComponent(title)}`;
    const response = await putFile(server(), path, CONTENT, { accept: 'application/json', ...headers });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ ok: false, error: { requestId: expect.any(String) } });
    const found = await fetch(`${server().url}/repo/generic/${path}`);
    expect(found.status).toBe(404);
  });
});

test('a download brings its digest, and so does a part of it', async () => {
  await putFile(server(), 'sent/p/1/f', CONTENT);
  const requests: readonly Record<string, string>[] = [{}, { range: 'bytes=0-3' }];
  for (const headers of requests) {
    const response = await fetch(`${server().url}/repo/generic/sent/p/1/f`, { headers });
    expect(response.headers.get('repr-digest') ?? '').toContain(field(CONTENT));
    expect(response.headers.get('etag')).toBe(`"${sha256(CONTENT)}"`);
    await response.arrayBuffer();
  }
});

clientTest('the .sha256 file beside each file works with sha256sum -c', 'sha256sum', async () => {
  await putFile(server(), 'sums/p/1/a file.bin', CONTENT);
  using folder = new TempFolder();
  await Bun.write(folder.join('a file.bin'), CONTENT);
  const response = await fetch(`${server().url}/repo/generic/sums/p/1/a%20file.bin.sha256`);
  expect(response.status).toBe(200);
  const checked = await runOk(['sha256sum', '-c', '-'], { cwd: folder.path, input: await response.text() });
  expect(checked.stdout).toBe('a file.bin: OK\n');
});

clientTest('SHA256SUMS of a version works with sha256sum -c', 'sha256sum', async () => {
  using folder = new TempFolder();
  for (const name of ['b', 'a', 'c']) {
    await putFile(server(), `sums/all/1/${name}`, `bytes of ${name}`);
    await Bun.write(folder.join(name), `bytes of ${name}`);
  }
  const response = await fetch(`${server().url}/repo/generic/sums/all/1/SHA256SUMS`);
  expect(response.status).toBe(200);
  const checked = await runOk(['sha256sum', '-c', '-'], { cwd: folder.path, input: await response.text() });
  expect(checked.stdout).toBe('a: OK\nb: OK\nc: OK\n');
});

test('a checksum file that was uploaded itself is given out as it is', async () => {
  await putFile(server(), 'own/p/1/f', CONTENT);
  for (const name of ['SHA256SUMS', 'f.sha256']) {
    const signed = `${sha256(CONTENT)}  f\n# signed\n`;
    expect((await putFile(server(), `own/p/1/${name}`, signed)).status).toBe(201);
    expect(await (await fetch(`${server().url}/repo/generic/own/p/1/${name}`)).text()).toBe(signed);
  }
});

test('curl users read a refusal as text with a request id, programs as JSON', async () => {
  const wrong = { 'x-checksum-sha256': sha256('other') };
  const text = await (await putFile(server(), 'form/p/1/f', CONTENT, wrong)).text();
  expect(text).toStartWith('error: ');
  expect(text).toMatch(/^request id: \S+$/m);
  const json = await putFile(server(), 'form/p/1/f', CONTENT, { ...wrong, accept: 'application/json' });
  expect(await json.json()).toMatchObject({ ok: false, error: { code: 'digest_mismatch' } });
});
