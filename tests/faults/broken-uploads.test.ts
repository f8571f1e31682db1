import { describe, expect, test } from 'bun:test';
import { bearer, createRepository, putFile } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { multipart, requestHead, sendRaw } from '../support/raw-http.ts';
import { stagedFiles } from '../support/staging.ts';
import { useServer } from '../support/use-server.ts';
import { makeWheel } from '../support/wheel.ts';

const server = useServer();
const HALF = new Uint8Array(500_000).fill(7);

async function leavesNothing(path: string): Promise<void> {
  await eventually('the temporary file is removed', () => stagedFiles(server()).length === 0);
  const response = await fetch(`${server().url}${path}`);
  expect(response.status).toBe(404);
  const healthy = await fetch(`${server().url}/readyz`);
  expect(healthy.status).toBe(200);
}

describe('an upload whose client goes away in the middle leaves nothing', () => {
  test('PUT with a length', async () => {
    const headers = { ...bearer(server().adminToken), 'content-length': '1000000' };
    const head = requestHead('PUT', '/repo/generic/cut/p/1/length', headers);
    const { status } = await sendRaw(server().url, [head, HALF], { abort: true });
    expect(status).not.toBe(201);
    await leavesNothing('/repo/generic/cut/p/1/length');
  });

  test('PUT in chunks', async () => {
    const headers = { ...bearer(server().adminToken), 'transfer-encoding': 'chunked' };
    const head = requestHead('PUT', '/repo/generic/cut/p/1/chunked', headers);
    const chunk = [`${HALF.length.toString(16)}\r\n`, HALF, '\r\n'];
    const { status } = await sendRaw(server().url, [head, ...chunk], { abort: true });
    expect(status).not.toBe(201);
    await leavesNothing('/repo/generic/cut/p/1/chunked');
  });

  test('a form to /addpkg', async () => {
    const body = multipart('xyz', {}, { field: 'f', name: 'f.bin', bytes: HALF }, false);
    const headers = {
      ...bearer(server().adminToken),
      'content-type': 'multipart/form-data; boundary=xyz',
      'content-length': String(body.length + 100_000),
    };
    const path = '/addpkg?provider=generic&reponame=cut&name=p&version=1';
    const { status } = await sendRaw(server().url, [requestHead('POST', path, headers), body], { abort: true });
    expect(status).not.toBe(200);
    await leavesNothing('/repo/generic/cut/p/1/f.bin');
  });

  test('a form to the PyPI upload address', async () => {
    await createRepository(server(), 'pypi/cut');
    const wheel = makeWheel({ name: 'demo', version: '1.0' });
    const fields = { ':action': 'file_upload', name: 'demo', version: '1.0' };
    const file = { field: 'content', name: wheel.fileName, bytes: wheel.bytes.slice(0, -40) };
    const body = multipart('xyz', fields, file, false);
    const headers = {
      ...bearer(server().adminToken),
      'content-type': 'multipart/form-data; boundary=xyz',
      'content-length': String(body.length + 60),
    };
    await sendRaw(server().url, [requestHead('POST', '/repo/pypi/cut/', headers), body], { abort: true });
    await leavesNothing('/repo/pypi/cut/demo/');
  });
});

describe('a form that arrives whole but is broken is 400', () => {
  const wheel = makeWheel({ name: 'demo', version: '1.0' });
  const fields = { ':action': 'file_upload', name: 'demo', version: '1.0' };
  const file = { field: 'content', name: wheel.fileName, bytes: wheel.bytes };
  const bodies: Record<string, { readonly type: string; readonly body: Uint8Array<ArrayBuffer> }> = {
    'without its last boundary': {
      type: 'multipart/form-data; boundary=xyz',
      body: multipart('xyz', fields, file, false),
    },
    'with another boundary than it says': {
      type: 'multipart/form-data; boundary=abc',
      body: multipart('xyz', fields, file),
    },
    'without a boundary': { type: 'multipart/form-data', body: multipart('xyz', fields, file) },
    'that is no form': { type: 'application/json', body: new Uint8Array(Buffer.from('{}')) },
    'that is empty': { type: 'multipart/form-data; boundary=xyz', body: new Uint8Array() },
    'without a file': {
      type: 'multipart/form-data; boundary=xyz',
      body: new Uint8Array(
        Buffer.from('--xyz\r\nContent-Disposition: form-data; name="name"\r\n\r\ndemo\r\n--xyz--\r\n'),
      ),
    },
  };
  test.each(Object.entries(bodies))('%s', async (_, { type, body }) => {
    for (const path of ['/repo/pypi/broken/', '/addpkg?provider=pypi&reponame=broken&name=demo&version=1.0']) {
      const headers = { ...bearer(server().adminToken), 'content-type': type };
      const response = await fetch(`${server().url}${path}`, { method: 'POST', headers, body });
      expect(response.status).toBe(400);
      expect((await response.text()).length).toBeGreaterThan(20);
    }
    await leavesNothing('/repo/pypi/broken/demo/');
  });
});

test('10,000 form fields are refused with a reason, and the server goes on', async () => {
  const wheel = makeWheel({ name: 'demo', version: '1.0' });
  for (const [path, field] of [
    ['/repo/pypi/fields/', 'content'],
    ['/addpkg?provider=pypi&reponame=fields&name=demo&version=1.0', 'f'],
  ] as const) {
    const form = new FormData();
    for (let index = 0; index < 10_000; index += 1) form.append(`field${index}`, 'x');
    form.append(field, new Blob([wheel.bytes]), wheel.fileName);
    const options = { method: 'POST', headers: bearer(server().adminToken), body: form };
    const response = await fetch(`${server().url}${path}`, options);
    expect([400, 413]).toContain(response.status);
    expect(await response.text()).toContain('fields');
    await leavesNothing('/repo/pypi/fields/demo/');
  }
});

test('a reader that goes away in the middle of a download harms nobody', async () => {
  const bytes = new Uint8Array(30_000_000).fill(1);
  await putFile(server(), 'gone/p/1/f', bytes);
  for (let round = 0; round < 5; round += 1) {
    await sendRaw(server().url, [requestHead('GET', '/repo/generic/gone/p/1/f')], { abort: true });
  }
  const whole = await fetch(`${server().url}/repo/generic/gone/p/1/f`);
  expect((await whole.bytes()).length).toBe(bytes.length);
});
