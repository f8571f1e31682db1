import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { TempFolder } from '../../../tests/support/temp-folder.ts';
import { dockerCredentials } from '../oci/docker-credentials.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = new TempFolder('docker-config');
});
afterEach(() => folder.dispose());

const base64 = (text: string) => Buffer.from(text).toString('base64');

function configure(config: unknown): void {
  writeFileSync(folder.join('config.json'), typeof config === 'string' ? config : JSON.stringify(config));
}

function find(host: string) {
  return dockerCredentials({ DOCKER_CONFIG: folder.path, PATH: `${folder.path}:/usr/bin:/bin` })(host);
}

/** A credential helper that knows one host. */
function helper(name: string, host: string, answer: unknown): void {
  const file = folder.join(`docker-credential-${name}`);
  const known = `[ "$(cat)" = '${host}' ] && [ "$1" = get ] && { cat <<'END'\n${JSON.stringify(answer)}\nEND\nexit 0; }`;
  writeFileSync(file, `#!/bin/sh\n${known}\necho credentials not found in native keychain\nexit 1\n`);
  chmodSync(file, 0o755);
}

describe('what docker login has stored', () => {
  test('is nothing where there is no file', async () => {
    expect(await find('ghcr.io')).toBeUndefined();
  });

  test('is found by host, also under an old address, and with colons in the password', async () => {
    configure({
      auths: {
        'ghcr.io': { auth: base64('me:a:b') },
        'https://old.example/v1/': { auth: base64('you:c\0\0') },
        'localhost:5000': { username: 'plain', password: 'text' },
        'empty.example': {},
      },
    });
    expect(await find('ghcr.io')).toEqual({ username: 'me', password: 'a:b' });
    expect(await find('old.example')).toEqual({ username: 'you', password: 'c' });
    expect(await find('localhost:5000')).toEqual({ username: 'plain', password: 'text' });
    expect(await find('empty.example')).toBeUndefined();
    expect(await find('localhost:5001')).toBeUndefined();
    expect(await find('io')).toBeUndefined();
  });

  test('is found for Docker Hub under the name that it has there', async () => {
    configure({ auths: { 'https://index.docker.io/v1/': { auth: base64('me:hub') } } });
    expect(await find('registry-1.docker.io')).toEqual({ username: 'me', password: 'hub' });
  });

  test('can be tokens', async () => {
    configure({
      auths: {
        'a.example': { auth: base64('me:'), identitytoken: 'refresh' },
        'b.example': { registrytoken: 'access' },
      },
    });
    expect(await find('a.example')).toEqual({ identityToken: 'refresh' });
    expect(await find('b.example')).toEqual({ authorization: 'Bearer access' });
  });

  test('is in the home folder unless DOCKER_CONFIG says otherwise', async () => {
    mkdirSync(folder.join('.docker'));
    writeFileSync(folder.join('.docker', 'config.json'), JSON.stringify({ auths: { h: { auth: base64('a:b') } } }));
    expect(await dockerCredentials({ HOME: folder.path })('h')).toEqual({ username: 'a', password: 'b' });
  });

  test('comes from the helper for the host, then from the one for all, then from the file', async () => {
    helper('one', 'a.example', { ServerURL: 'a.example', Username: 'me', Secret: 's3' });
    helper('all', 'b.example', { Username: '<token>', Secret: 'refresh' });
    configure({
      credHelpers: { 'a.example': 'one', 'c.example': 'one' },
      credsStore: 'all',
      auths: { 'a.example': { auth: base64('file:file') }, 'c.example': { auth: base64('file:file') } },
    });
    expect(await find('a.example')).toEqual({ username: 'me', password: 's3' });
    expect(await find('b.example')).toEqual({ identityToken: 'refresh' });
    expect(await find('c.example')).toEqual({ username: 'file', password: 'file' });
    expect(await find('d.example')).toBeUndefined();
  });

  test('that cannot be used is an error that shows none of it', async () => {
    configure('{"auths": {"h": {"auth": "secret');
    await expect(find('h')).rejects.toThrow(/config.json is not JSON$/);
    configure({ credsStore: 'missing' });
    await expect(find('h')).rejects.toThrow('cannot run docker-credential-missing');
    configure({ credsStore: '../../bin/sh' });
    await expect(find('h')).rejects.toThrow('odd credential helper');
    writeFileSync(folder.join('docker-credential-bad'), '#!/bin/sh\necho secret\nexit 3\n', { mode: 0o755 });
    configure({ credsStore: 'bad' });
    await expect(find('h')).rejects.toThrow(/^docker-credential-bad ended with exit code 3$/);
  });
});
