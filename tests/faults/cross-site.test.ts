import { expect, test } from 'bun:test';
import { basic, bearer, putFile } from '../support/api.ts';
import { sendRaw } from '../support/raw-http.ts';
import { TestServer } from '../support/start-server.ts';
import { useServer } from '../support/use-server.ts';

const server = useServer();

function form(fields: Readonly<Record<string, string>>): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set('f', new Blob(['bytes']), 'f.bin');
  return body;
}

test('a page of another site cannot publish with the log-in that a browser keeps', async () => {
  const query = 'provider=generic&reponame=csrf&name=a&version=1';
  const post = (headers: Record<string, string>) =>
    fetch(`${server().url}/addpkg?${query}`, {
      method: 'POST',
      headers: { ...basic(server().adminToken), ...headers },
      body: form({}),
    });
  const foreign = await post({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' });
  expect(foreign.status).toBe(403);
  expect((await fetch(`${server().url}/repo/generic/csrf/`)).status).toBe(404);
  expect((await post({ origin: server().url, 'sec-fetch-site': 'same-origin' })).status).toBe(201);
});

test('a form that says its target after the file is taken only from somebody who may write somewhere', async () => {
  const late = new FormData();
  late.set('f', new Blob(['bytes']), 'f.bin');
  for (const [name, value] of Object.entries({ provider: 'generic', reponame: 'late', name: 'a', version: '1' })) {
    late.set(name, value);
  }
  const url = `${server().url}/addpkg`;
  expect((await fetch(url, { method: 'POST', body: late })).status).toBe(401);
  const known = await fetch(url, { method: 'POST', body: late, headers: bearer(server().adminToken) });
  expect(known.status).toBe(201);
});

test('bad tokens from an address do not lock out a good one', async () => {
  await using own = await TestServer.start();
  for (let attempt = 0; attempt < 15; attempt += 1) {
    await (await fetch(`${own.url}/api/v1/whoami`, { headers: bearer(`guess-${attempt}`) })).arrayBuffer();
  }
  expect((await fetch(`${own.url}/api/v1/whoami`, { headers: bearer('one more') })).status).toBe(429);
  expect((await fetch(`${own.url}/api/v1/whoami`, { headers: bearer(own.adminToken) })).status).toBe(200);
});

test.each(['%', '[', 'a:99999', '[::1'])('the Host header %p is 400, wherever it is sent', async (host) => {
  for (const path of ['/', '/repo/pypi/p/', '/repo/generic/g/a', '/addpkg', '/upload.sh', '/api/v1/whoami']) {
    const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(server().url, [request])).status).toBe(400);
  }
});

test('HTTP/1.0 without a Host is answered, as load balancers ask', async () => {
  const response = await sendRaw(server().url, ['GET /healthz HTTP/1.0\r\nConnection: close\r\n\r\n']);
  expect(response).toMatchObject({ status: 200, body: 'ok\n' });
});

test('HEAD has the length and the headers of GET', async () => {
  await putFile(server(), 'heads/p/1/f', 'twelve bytes');
  const paths = [
    '/',
    '/healthz',
    '/repo/generic/heads/',
    '/repo/generic/heads/p/1/f',
    '/repo/pypi/none/',
    '/nothing',
    '/upload.sh',
  ];
  for (const path of paths) {
    const get = await fetch(server().url + path, { headers: { 'accept-encoding': 'identity' } });
    const length = (await get.arrayBuffer()).byteLength;
    const head = await fetch(server().url + path, { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    expect({ path, status: head.status, length: head.headers.get('content-length') }).toEqual({
      path,
      status: get.status,
      length: String(length),
    });
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'));
  }
});
